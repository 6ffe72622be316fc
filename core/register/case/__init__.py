"""One complaint: draft, steps, projection, evidence, customer, and the functions that write them."""
