"""The clocks of a complaint: as promised (D8), as read now, and as they would be promised."""
