"""One complaint being worked on: draft, steps, projection, evidence, customer, and the verbs that write them."""
