"""Questions a page asks of the register: the queue, the search, one complaint whole, its timeline."""
