"""Keys of the intake API: made, shown once, revoked."""
