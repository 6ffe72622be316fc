"""What leaves the house: files people download."""
