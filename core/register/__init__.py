"""What happened: every write is one verb in one transaction with its event."""
