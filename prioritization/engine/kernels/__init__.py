"""The solver of one component, as kernels: the same code plain and compiled (see `compiled`)."""
