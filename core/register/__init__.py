"""The register: every write is one transaction with its event in the log."""
