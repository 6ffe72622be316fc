"""The ways out of the register, as an administrator sees them: what is set up, what was not sent, who gets what."""
