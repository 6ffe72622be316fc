"""Numbers on the screen: each with its definition, its comparison, and a link that opens exactly its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.i18n import N_
from core.i18n import gettext as _
from core.insight import figures
from core.insight.chance import ALARM
from core.insight.dimensions import name_of
from core.insight.filters import DEFAULT
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.ui import address
from core.ui.context import PageContext
from core.ui.pages import file_of
from core.ui.text import Markdown, Words, joined, plain

Good = Literal["up", None]
Colour = Literal["normal", "off", "green", "red"]
COLOURS: Mapping[Good, Colour] = {"up": "normal", None: "off"}
GREEN: Colour = "green"
RED: Colour = "red"


@dataclass(frozen=True, slots=True)
class Change:
    """How a number changed against another period.

    ``difference`` starts with an ASCII sign where there is one (None: nothing to compare with), ``against`` names what
    it is compared with, ``good`` is the direction that is good. ``chance``: whether it may be chance, in words beneath
    it, since a narrow card cuts what stands beside it; ``may_be_chance``: no arrow points anywhere then.
    """

    difference: str | None = None
    against: str = ""
    good: Good = None
    chance: str = ""
    may_be_chance: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a number reaches its target, in a word; None: too little to say. ``target``: which one that is.

    ``is_few``: it is a share of too few (D27).
    """

    is_met: bool | None
    target: str
    is_few: bool = False


NO_CHANGE = Change()
CHANCE_IS = N_(
    "Beside a change: whether it is more than chance brings in 1 of 20 cases, as this number varies from week to week."
)
WITH_PERIOD = ("breakdown", "sla", "handling", "outcomes", "what_if", "root_causes", "explore")


def frame_of_number() -> DeltaGenerator:
    """The border around one number: as many beside one another as the screen holds, two on a phone."""
    return st.container(border=True, width="stretch", height="stretch", gap="xsmall")


def card(
    label: Words,
    value: str,
    *,
    help: Words,
    change: Change | Judged = NO_CHANGE,
    series: Sequence[float] = (),
    as_bars: bool = False,
) -> None:
    """One number with its definition, its change or its target, and a small line (or bars) of how it went."""
    shown, color, has_sign = _judged(change) if isinstance(change, Judged) else _changed(change)
    st.metric(
        label,
        plain(value),
        delta=shown.difference,
        delta_color=color,
        delta_arrow="auto" if has_sign else "off",
        delta_description=plain(shown.against) or None,
        help=help,
        chart_data=[float(number) for number in series] if series else None,
        chart_type="bar" if as_bars else "line",
    )
    if shown.chance:
        st.caption(plain(shown.chance))


def tested(difference: str | None, against: str, p: float, looks: int) -> Change:
    """A change with a word on whether chance explains it (D28); none where there is no difference.

    ``p``: how probable it would be by chance (``core.insight.changes``); ``looks``: how many changes stand beside one
    another, which share 5 %.
    """
    words = beyond_chance(difference, p, looks)
    return Change(difference, against, chance=words, may_be_chance=p * looks >= ALARM)


def beyond_chance(difference: str | None, p: float, looks: int) -> str:
    """``tăng thật``, ``giảm thật``, ``có thể do ngẫu nhiên``; empty where there is no difference."""
    if not _has_sign(difference):
        return ""
    if p * looks >= ALARM:
        return _("may be chance")
    return _("more beyond chance") if str(difference).startswith("+") else _("less beyond chance")


def _changed(change: Change) -> tuple[Change, Colour, bool]:
    has_sign = _has_sign(change.difference)
    return change, COLOURS[change.good] if has_sign else "off", has_sign and not change.may_be_chance


def _has_sign(difference: str | None) -> bool:
    return difference is not None and difference[0] in "+-"


def _judged(judged: Judged) -> tuple[Change, Colour, bool]:
    if judged.is_met is None:
        words = _("Target {share} · fewer than {n}") if judged.is_few else _("Target {share}")
        return Change(words.format(share=judged.target, n=ENOUGH)), "off", False
    words, color = (_("Target {share} met"), GREEN) if judged.is_met else (_("Target {share} missed"), RED)
    return Change(words.format(share=judged.target)), color, False


def few(n: int) -> Change | None:
    """Beneath a share that it is one of too few (D27), where it is: a phone has no room for that beside the number."""
    return Change(_("fewer than {n}").format(n=ENOUGH)) if 0 < n < ENOUGH else None


def title(figure: str) -> Markdown:
    """What a figure of the registry is called."""
    return plain(_(figures.get(figure).title))


def definition(figure: str) -> Markdown:
    """What a figure of the registry is: the help of its number, the same words as the command prints."""
    return plain(_(figures.get(figure).definition))


def compared_by_chance(figure: str) -> Markdown:
    """``definition``, and what the words beside a change mean."""
    return joined(" ", (definition(figure), plain(_(CHANCE_IS))))


def rows_link(context: PageContext, slice: Slice, label: str) -> None:
    """A link to exactly the rows of ``slice``; only its words for a role that does not open them."""
    to_page(context, "explore", label, slice.to_query())


def to_page(
    context: PageContext, page: str, label: str, query: Mapping[str, str], *, icon: str = ":material/table_rows:"
) -> None:
    """A link to another page with its query; only the words where this role may not go.

    To a page of figures it names the period, as the address there does: else that page would add it, as one more entry
    of the browser's history that going back never gets past.
    """
    if page in WITH_PERIOD:
        query = {"period": DEFAULT, **query}
    if context.may_open(page):
        st.page_link(file_of(page), label=plain(label), icon=icon, query_params=dict(query))
    else:
        st.caption(plain(label), width="content")


def nothing_yet(context: PageContext) -> None:
    """Shown instead of figures while the register is empty."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f":material/inbox: {_('There is no complaint yet. Figures appear with the first one.')}")
        if context.may_open("log_complaint"):
            to_page(context, "log_complaint", _("Log a complaint"), {}, icon=":material/add:")
        if context.may_open("people"):
            to_page(context, "people", _("Add a person"), {"person": "new"}, icon=":material/person_add:")
        if context.may_open("catalogues"):  # what the first complaint will be logged by
            to_page(context, "catalogues", _("Look at the lists and their words"), {}, icon=":material/list:")
            to_page(context, "procedures", _("Look at the procedure and its terms"), {}, icon=":material/account_tree:")


def nothing_here() -> None:
    """Shown instead of figures when nothing fits the filter."""
    with st.container(border=True, horizontal_alignment="center"):
        sentence = _("Nothing fits this period and filter: take a longer period or reset the filter.")
        st.markdown(f":material/filter_list_off: {sentence}")


def choose_stage(stages: Sequence[str], stage: str, *, key: str, default: str, forget: Sequence[str] = ()) -> None:
    """Which promise is shown: they are never mixed; nothing where only one is promised.

    ``default``, ``forget``: as ``address.follow``.
    """
    if len(stages) == 1:
        return
    st.segmented_control(
        _("Promise"),
        stages,
        format_func=lambda name: plain(name_of("stage", name)),
        required=True,
        key=key,
        on_change=address.follow(key, stage, "stage", default=default, forget=forget),
        label_visibility="collapsed",
    )
