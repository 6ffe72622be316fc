"""Họp tuần: one week in figures, what is written down and decided about it, and its figures frozen when it closes."""

from datetime import datetime
from functools import partial

import streamlit as st

from core.insight import facts
from core.papers import review, review_words
from core.register.reads import meetings
from core.ui import doing, frame, printing
from core.ui.analysis import known_events, metrics
from core.ui.meeting import closing, decisions, figures, files, minutes, week
from core.ui.text import joined, plain

context = frame.open_page("meeting")
if not week.is_whole(context):
    st.stop()
monday = week.chosen(context)
known = facts.current(context.register)
found, meeting = review.of_week(context.register, monday, context.now, context.person)
is_closed = meeting is not None and meeting.closed_at is not None
with context.register.read() as session:
    listed = meetings.listed(session)
writes = closing.writes(context, meeting)

st.title(plain(review_words.title(found)), anchor=False)
week.pick(context, monday, listed)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
closing.state(context, meeting, found)
files.show(context, found)
doing.show_notice()
if meeting is not None and is_closed:
    printing.as_of(context, datetime.fromisoformat(found["figures"]["as_of"]))
    closing.restated(context, known, found)
else:
    closing.earlier(context, known, monday, listed)
st.markdown(joined(" ", map(plain, review_words.paragraph(found))))
minutes.show(context, meeting, "present", writes=writes)
figures.numbers(context, found)
if meeting is not None:
    decisions.show(context, meeting, writes=writes)
events = known_events.read(context, *review_words.shown(found))
figures.sections(context, found, events, partial(minutes.beside, context, meeting, writes=writes), in_pairs=not writes)
minutes.show(context, meeting, "other", writes=writes)
if meeting is not None and is_closed:
    minutes.show(context, meeting, "later", writes=context.may("hold_meetings"))
elif meeting is not None and not writes:
    minutes.watch(context, meeting)
doing.finish()
