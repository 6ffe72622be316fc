"""Papers that leave the register (D39)."""
