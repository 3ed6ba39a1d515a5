"""How families of instruments want their tables: one YAML file for each procedure."""
