"""Whose register it is (D20): chosen at set-up, kept in the register, changed on screen."""
