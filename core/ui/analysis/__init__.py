"""The pages of figures: filter bar, numbers, charts, and the parts of each page."""
