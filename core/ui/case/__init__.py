"""The page of one complaint: head, stepper, clocks, next step, timeline."""
