"""Papers that leave the register (D38)."""
