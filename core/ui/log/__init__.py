"""The page that logs a complaint: form, unsent draft, what is known and promised beside it."""
