"""The intake API (D41): programs log complaints, and customers follow theirs. docs/api.md says it to developers."""

PREFIX = "/api/"
"""What the paths of the API begin with; beside them nothing needs a key, and they need no session."""
BASE = "/api/v1"
