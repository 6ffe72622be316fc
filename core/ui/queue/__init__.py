"""The queue page: which rows, how they are shown, what is done to the ticked ones."""
