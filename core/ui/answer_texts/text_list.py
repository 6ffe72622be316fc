"""The list of answer texts: what waits for approval first, then those that fit the filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named, ngettext, number, short_moment
from core.register.organisation.answer_texts import Standing, Uses, text_of
from core.rules.answer_text import APPROVED, DRAFT, RETIRED, TELLING
from core.rules.text import snippet
from core.ui import address, fields, go
from core.ui.answer_texts import words
from core.ui.context import PageContext
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import md, plain

NEW = "new"
"""What ``?text=`` holds while a new one is written."""
FILTERS = ("category", "step", "channel", "status")
STATUSES = (APPROVED, DRAFT, RETIRED)


def title(every: Mapping[str, Standing]) -> str:
    """How many are in use, and how many drafts wait."""
    used = sum(one.offered is not None for one in every.values())
    waiting = sum(one.draft is not None for one in every.values())
    text = ngettext("{n} answer text in use", "{n} answer texts in use", used).format(n=number(used))
    return text + (_(", {n} waiting for approval").format(n=number(waiting)) if waiting else "")


def write_button() -> None:
    """The way to a new text."""
    st.button(
        _("Write a text"),
        type="primary",
        icon=":material/add:",
        key="texts_new",
        on_click=address.put,
        kwargs={"text": NEW},
    )


def show_waiting(context: PageContext, every: Mapping[str, Standing], people: Mapping[int, str]) -> None:
    """The drafts that this person may approve, each with the way to it."""
    drafts = [one.draft for one in every.values() if one.draft is not None]
    if not drafts or not context.may("approve_texts"):
        return
    with st.container(border=True, key="texts_waiting"):
        st.subheader(_("Waiting for your approval"), anchor=False)
        for draft in sorted(drafts, key=lambda one: one.written_at):
            with st.container(horizontal=True, vertical_alignment="center"):
                written = f"{people.get(draft.written_by or 0, '?')}, {short_moment(draft.written_at, context.now)}"
                st.markdown(md("**{title}** :gray[· {written}]", title=draft.title, written=written), width="stretch")
                st.button(
                    _("Look and decide"),
                    key=f"texts_look_{draft.key}",
                    on_click=address.put,
                    kwargs={"text": draft.key},
                )


def choose_filter() -> dict[str, str]:
    """Category, step, channel and status, as the URL has them; what is not chosen is left out."""
    known = catalogues()
    names = {
        "category": (_("Category"), {key: name_of(known.categories, key) for key in known.categories}),
        "step": (_("Step"), {key: named("step", key) for key in TELLING}),
        "channel": (_("Channel"), {key: name_of(known.channels, key) for key in known.channels}),
        "status": (_("Status"), {key: _(words.STATUSES[key]) for key in STATUSES}),
    }
    chosen = {}
    with st.container(horizontal=True):
        for name in FILTERS:
            label, options = names[name]
            if found := fields.from_address(f"texts_{name}", name, plain(label), options, width=160):
                chosen[name] = found
    return chosen


def fitting(every: Iterable[Standing], chosen: Mapping[str, str]) -> list[Standing]:
    """Those that the filter leaves: a text for every category, step or channel fits any."""
    return [one for one in every if all(_fits(one, name, value) for name, value in chosen.items())]


def _fits(one: Standing, name: str, value: str) -> bool:
    if name != "status":
        return getattr(one.shown, name) in (None, value)
    if value == DRAFT:
        return one.draft is not None
    return (one.offered is not None) == (value == APPROVED) and (value == APPROVED or one.draft is None)


def show_list(found: Iterable[Standing], uses: Mapping[str, Uses]) -> None:
    """One row a text, those with a draft first, those out of use last; each leads to the text."""
    ordered = sorted(found, key=lambda one: (one.draft is None, one.offered is None))
    if not ordered:
        st.markdown(f":material/search_off: {_('No answer text fits the filter.')}")
        return
    columns = (
        Column(_("Title, text"), 0, "first"),
        Column(_("Offered"), 18, "second"),
        Column(_("Used in 90 days"), 9),
        Column(_("Status"), 12, "last"),
    )
    rows = [_row(one, uses.get(one.key, Uses())) for one in ordered]
    table(columns, rows, key="texts_rows", alt=_("Answer texts"))


def _row(one: Standing, uses: Uses) -> Row:
    tone = "near" if one.draft else "met" if one.offered else "off"
    return Row(
        key=one.key,
        href=go.address("answer_texts", text=one.key),
        cells=(
            Cell(one.shown.title, snippet(one.shown.body)),
            Cell(words.places(text_of(one.shown))),
            Cell(number(uses.recent)),
            Cell(words.status(one), tone=tone),
        ),
    )
