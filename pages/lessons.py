"""Bài học: what was learnt from closed complaints, listed and searched (POPS step 7, Minh Tuấn 5)."""

from core.ui import frame, lessons

context = frame.open_page("lessons")
lessons.show(context)
