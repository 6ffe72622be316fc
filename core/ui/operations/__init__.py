"""How the program runs, as an administrator sees it."""
