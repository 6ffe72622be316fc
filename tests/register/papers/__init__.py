"""Papers that leave the register (D37)."""
