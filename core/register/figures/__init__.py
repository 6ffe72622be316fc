"""What people say about figures: from when on another level is usual, and what is known to have happened (D28)."""
