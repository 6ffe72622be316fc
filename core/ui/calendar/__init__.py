"""The calendar page: the year, a day, the draft of a change, its preview and the versions."""
