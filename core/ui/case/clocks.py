"""The clocks of a complaint: due, time left in words, verdict, and why the deadline is when it is."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.i18n import day, due_words, label, near_due, short_moment
from core.i18n import gettext as _
from core.register.clocks.readings import ClockReading
from core.register.reads.dossier import Dossier, Restated
from core.register.reads.marks import Marked
from core.rules import misses
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.rules.masking import HIDDEN
from core.rules.reasons import COUNTED, DUE
from core.rules.time_left import Nearness
from core.rules.verdicts import Verdict
from core.ui import badges, words
from core.ui.badges import Badge
from core.ui.case import step_form
from core.ui.steps.misses import reason_words
from core.ui.text import Markdown, md, plain


def show(dossier: Dossier, now: datetime) -> None:
    """All clocks side by side, those that still run first."""
    clocks = dossier.clocks
    running_first = sorted(clocks, key=lambda one: one.verdict not in (Verdict.RUNNING, Verdict.OVERDUE))
    tiles = st.grid(min(3, max(2, len(clocks))), min_column_width=280, border=True, key="clocks")
    for clock in running_first:
        with tiles.container(gap="xsmall"):
            _clock(clock, dossier, now)
    if dossier.marked:
        show_mark(dossier.marked, now)


def show_mark(marked: Marked, now: datetime) -> None:
    """The internal mark of the stage at hand (D18), beneath the promises and named as what it is."""
    guide, is_late = marked.mark.guide, marked.left.nearness is Nearness.OVERDUE
    left = words.overdue(marked.left) if is_late else words.time_left(marked.left)
    sentence = md(
        _(":material/flag: Internal mark, no promise: {stage} by {due} · {left}"),
        stage=label(guide.label, guide.label_en),
        due=near_due(marked.mark.due_at, now),
        left=left,
    )
    st.markdown(md(":{colour}[{sentence}]", colour=Markdown("orange" if is_late else "gray"), sentence=sentence))


def badge_of(clock: ClockReading) -> Badge:
    """The word, icon and colour of the clock as it stands."""
    return badges.NEAR if clock.is_near else badges.VERDICT_BADGES[clock.verdict]


def _clock(clock: ClockReading, dossier: Dossier, now: datetime) -> None:
    badge = badge_of(clock)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(words.promise(clock))}**", width="content")
        badge.show()
        with st.popover(_("Why this deadline?"), icon=":material/help:", type="tertiary"):
            _why(clock)
    st.markdown(_due(clock, now))
    if clock.verdict is Verdict.RUNNING:
        st.progress(clock.spent)
    if clock.is_broken:
        _reason(clock, dossier)
    for one in dossier.restated:
        if misses.name_of(one) == misses.name_of(clock):
            _restated(one)


def show_next(dossier: Dossier, now: datetime) -> None:
    """The running clock that is due first, on one line."""
    running = [clock for clock in dossier.clocks if clock.verdict in (Verdict.RUNNING, Verdict.OVERDUE)]
    for clock in sorted(running, key=lambda clock: clock.due_at)[:1]:
        show_line(clock, now)


def show_line(clock: ClockReading, now: datetime) -> None:
    """The clock on one line."""
    st.markdown(md("**{promise}** · {due}", promise=words.promise(clock), due=_due(clock, now)))


def _due(clock: ClockReading, now: datetime) -> Markdown:
    left = md(":{colour}[{left}]", colour=badge_of(clock).colour, left=left_words(clock, now))
    return md(_("Due {due} · {left}"), due=due_words(clock.due_at), left=left)


def _restated(one: Restated) -> None:
    """Both verdicts, who corrected what stands behind them, and why (D21)."""
    before, after = (
        badges.VERDICT_BADGES[Verdict(side)].word if side else _("nothing") for side in (one.before, one.after)
    )
    if one.before == one.after:  # only the deadline moved
        before, after = (due_words(due) if due else _("nothing") for due in (one.due_before, one.due_after))
    st.markdown(
        md(
            _(":orange[:material/history_edu: It was {before}: corrected on {day} by {name} to {after}.]"),
            before=before,
            after=after,
            day=day(local_day(one.corrected_at)),
            name=one.who,
        )
    )
    if one.reason and one.reason != HIDDEN:
        st.caption(plain(one.reason))


def _reason(clock: ClockReading, dossier: Dossier) -> None:
    """Why it was missed; else that nobody has said it, with the way to the form for those who may."""
    if clock.breach_reason:
        st.markdown(md(_("Missed because: {reason}"), reason=reason_words(clock.breach_reason)))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badges.draw(reason_words(None), ":material/help:", "orange")
        if clock in dossier.to_explain:
            promise = misses.name_of(clock)
            st.button(
                _("Give the reason"),
                key=f"explain.{promise}",
                icon=":material/edit:",
                type="tertiary",
                on_click=step_form.begin,
                args=(dossier.complaint.code, misses.EXPLAIN, {"explains": promise}),
            )


def left_words(clock: ClockReading, now: datetime) -> str:
    """``còn 2 ngày 3 giờ làm việc``, ``quá hạn 4 giờ làm việc``, ``xong 16/11 08:41``, in the queue's days."""
    span = words.span(abs(clock.left_seconds), clock.day_seconds)
    if clock.verdict is Verdict.CANCELLED:
        return _("no longer counts")
    if clock.stopped_at is not None:
        done = short_moment(clock.stopped_at, now)
        if not clock.is_kept:
            ended = _("ended {done}, overdue by {span}") if span else _("ended {done}, just overdue")
            return ended.format(done=done, span=span)
        return _("done {done}").format(done=done) if clock.left_seconds >= 0 else _late(span, clock, done)
    if not span:
        return _("just overdue") if clock.verdict is Verdict.OVERDUE else _("due now")
    if clock.verdict is Verdict.OVERDUE:
        late = _("overdue by {span} of working time") if clock.in_working_time else _("overdue by {span}")
        return late.format(span=span)
    return (_("{span} of working time left") if clock.in_working_time else _("{span} left")).format(span=span)


def _late(span: str, clock: ClockReading, done: str) -> str:
    if not span:
        return _("done {done}, just overdue").format(done=done)
    late = _("done {done}, {span} of working time late") if clock.in_working_time else _("done {done}, {span} late")
    return late.format(done=done, span=span)


def _why(clock: ClockReading) -> None:
    """The sentence to copy into a reply, and the count day by day."""
    st.code(visible(clock.because), language=None, wrap_lines=True)
    with st.container(gap="xsmall"):
        for one in clock.days:
            text = plain(label(one.text, one.text_en))
            is_counted = one.kind in (COUNTED, DUE)
            st.markdown(f"**{text}**" if is_counted else f":gray[{text}]")
