"""Kết quả tìm kiếm: every complaint that fits what was typed into the search box."""

from core.ui import frame, results

context = frame.open_page("search")
results.show(context)
