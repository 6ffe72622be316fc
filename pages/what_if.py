"""Nếu… thì: what another term, working time or target would have meant for what fell due (D37)."""

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import sentence
from core.insight import facts, whatif
from core.insight.whatif import OfRegister
from core.rules.calendar import local_day
from core.ui import frame
from core.ui.analysis import filter_bar, metrics, what_if
from core.ui.text import plain

context = frame.open_page("what_if")
known = facts.current(context.register)
chosen = filter_bar.read(context, "what_if")
of, narrowed = what_if.procedure(context, chosen)
given = what_if.read(of)
supposed, answer, refused = given.hypothesis, None, ""
if not given.problems:
    try:
        answer = whatif.ask(known, narrowed, supposed, context.now, OfRegister(context.register, of.key), of)
    except PopsError as problem:
        refused = sentence(problem)
term = what_if.term_of(answer, supposed, of)

st.title(plain(what_if.finding(answer, supposed, term, local_day(context.now))), anchor=False)
if known.is_empty:
    metrics.nothing_yet(context)
    st.stop()
if not filter_bar.show(context, known, chosen, of="due"):
    metrics.nothing_here()
    st.stop()
what_if.fields(context, of, given)
if answer is None:
    st.warning(plain(refused or _("Please mend the marked fields.")), icon=":material/error:")
    st.stop()
if not answer.terms:
    metrics.nothing_here()
    st.stop()
what_if.numbers(context, answer, of, narrowed)
what_if.choose_term(answer, term)
left, right = st.columns([3, 2])
with left:
    what_if.per_week(context, answer, of, narrowed, term)
with right:
    what_if.split(context, answer, of, narrowed, term)
what_if.changes(context, answer)
