"""What people are told of (D40): written with its cause in one transaction, read by the bell."""
