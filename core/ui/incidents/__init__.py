"""The page of incidents (D24): which there are, one of them whole, and what is done for all its complaints at once."""
