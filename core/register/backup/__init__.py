"""A register copied out of its database while it runs, in a form that both engines read, and brought back."""
