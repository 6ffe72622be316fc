"""The rules of the procedures, pure: working time, terms, clocks, steps, roles, catalogues."""
