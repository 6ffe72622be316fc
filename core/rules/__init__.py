"""What the procedures say: pure rules on working time, terms, workflow and catalogue."""
