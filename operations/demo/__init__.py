"""A fictional organization worth looking at: written in plausible words, planned as plain rows, stored by COPY."""
