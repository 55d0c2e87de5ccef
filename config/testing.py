"""pytest plugin, see pyproject.toml."""
