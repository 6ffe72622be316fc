"""The organisation's lists as an administrator sees and changes them."""
