"""The one filter bar of every page of figures: stored in the URL, with its count, reset by one click."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

import streamlit as st

from core.catalogues import catalogues
from core.i18n import N_, ngettext, number
from core.i18n import gettext as _
from core.insight import comparison, dimensions, filters, findings, rows
from core.insight.comparison import CHOICES, USUAL, Comparison, days_of
from core.insight.facts import Facts
from core.insight.filters import DEFAULT, PRESETS, Filter
from core.insight.slices import Slice
from core.rules import policy
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.ui import address
from core.ui.analysis import clicks, metrics
from core.ui.analysis.clicks import BACK
from core.ui.context import PageContext
from core.ui.text import Markdown, joined, md, plain, spoken

COMPARE = "compare"
QUERY = (
    "period",
    "from",
    "to",
    "until",
    BACK,
    COMPARE,
    *dimensions.FILTERS,
)  # besides the choices that categories must know
OF_CATEGORIES = ("category", "subcategory")  # whose fields can be filtered by
OWN = "own"
COMPARED_IS = N_(
    "Periods are compared per open hour of the working calendar, and only where the register covers both. One that is "
    "still running is compared up to the same open time, but with all of a period that was chosen by its days and has "
    "another number of them. The same weeks last year are those as far from Tết, where Tết is near, else 52 weeks "
    "earlier."
)
PAGE = ("page",)  # of a list: another filter makes another list, which begins at its first
MOST_NAMED = 3  # keys on a chip
REMEMBERED = "filter"  # last page and its query: the menu's links carry no query and would lose the filter
CHOICE_NAMES: Mapping[str, str] = {
    "before": N_("Against the period before"),
    "last_year": N_("Against the same weeks last year"),
    OWN: N_("Against other days"),
    "none": N_("No comparison"),
}
PRESET_NAMES: Mapping[str, str] = {
    "this_week": N_("This week"),
    "last_week": N_("Last week"),
    "four_weeks": N_("4 weeks"),
    "quarter": N_("Quarter"),
    "year": N_("Year"),
    "custom": N_("Custom"),
}


def read(context: PageContext, page: str) -> Filter:
    """The filter of the URL, as far as the person sees; coming to ``page`` from the menu, that of the page before.

    The address always names its period, so that going back to it in the browser is not taken for coming from the menu.
    """
    before, remembered = st.session_state.get(REMEMBERED, (page, {}))
    if not _in_url():
        address.put(**{"period": DEFAULT} | (remembered if before != page else {}))
    chosen = _of_url(context)
    if clicked := clicks.narrowing(chosen.seen_by(context.person), local_day(context.now)):
        address.put(**clicked, **dict.fromkeys(PAGE))
        chosen = _of_url(context)
    others = {COMPARE: _choice() if _choice() != USUAL else "", BACK: st.query_params.get(BACK, "")}
    remembered = chosen.to_query() | {name: value for name, value in others.items() if value}
    st.session_state[REMEMBERED] = (page, remembered)
    return chosen.seen_by(context.person)


def _of_url(context: PageContext) -> Filter:
    return Filter.from_query(st.query_params.to_dict(), local_day(context.now))


def compared(context: PageContext, facts: Facts, chosen: Filter, of: str = "recorded") -> Comparison:
    """What the URL wants the period compared with (D27); ``of`` as in ``Slice``."""
    calendar = comparison.working_time(context.register, chosen)
    return comparison.of(facts, chosen, calendar, context.now, _choice(), of)


def show(
    context: PageContext,
    facts: Facts,
    chosen: Filter,
    of: str = "recorded",
    against: Comparison | None = None,
    *,
    is_of_rows: bool = False,
) -> int:
    """Draw the bar and return how many complaints it keeps; ``of`` as in ``Slice``.

    ``against``: what a page that compares does so with, as ``compared`` gave it. ``is_of_rows``: on the page of the
    rows themselves their number is no link, since Streamlit leaves the address as it is where a link stays on its page.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            _("Period"),
            PRESETS,
            format_func=lambda preset: _(PRESET_NAMES[preset]),
            required=True,
            key="filter_period",
            on_change=_choose_period(chosen),
            label_visibility="collapsed",
            wrap=True,
        )
        if chosen.preset == "custom":
            _days(chosen)
        _popover(context, facts, chosen)
        if against is not None:
            _choose_other(against)
        if chosen.preset != DEFAULT or _narrowed_by(context, chosen) or _choice() != USUAL:
            st.button(_("Reset"), icon=":material/restart_alt:", type="tertiary", key="filter_reset", on_click=reset)
    slice = Slice(chosen, of)
    found = rows.complaints(facts, slice, context.now)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        counted = _counted(found, of)
        if is_of_rows:
            st.caption(plain(counted), width="content")
        else:
            metrics.rows_link(context, slice, counted)
        _chips(context, chosen)
        st.caption(joined(" · ", [findings.span(chosen), *_fixed_in_words(context, chosen)]), width="content")
        if against is not None:
            say(against)
    return found


def _counted(n: int, of: str) -> str:
    """What the bar keeps: pages that count something else of the same period keep other cases, and say which."""
    words = {
        "recorded": ngettext("{n} complaint recorded", "{n} complaints recorded", n),
        "due": ngettext("{n} complaint with something due", "{n} complaints with something due", n),
        "asked": ngettext("{n} complaint asked about", "{n} complaints asked about", n),
        "closed": ngettext("{n} complaint closed", "{n} complaints closed", n),
        "open": ngettext("{n} complaint open", "{n} complaints open", n),
    }
    return words.get(of, ngettext("{n} complaint", "{n} complaints", n)).format(n=number(n))


def say(against: Comparison) -> None:
    """What the figures here are compared with, and on which terms; or why with nothing."""
    sentence = findings.compared(against)
    if sentence:
        icon = ":material/compare_arrows:" if against.before is not None else ":material/info:"
        st.caption(md("{icon} {sentence}", icon=Markdown(icon), sentence=sentence), help=_(COMPARED_IS))


def reset() -> None:
    """Back to the default period and to all keys."""
    address.put(**dict.fromkeys((*_in_url(), *PAGE)) | {"period": DEFAULT})


def _in_url() -> list[str]:
    """What the URL says of the filter; by its names alone, since no catalogue is in use where a button is answered."""
    return [name for name in st.query_params.to_dict() if name in QUERY or name.startswith(dimensions.FIELD)]


def _choose_period(chosen: Filter) -> Callable[[], None]:
    write = address.follow("filter_period", chosen.preset, "period", forget=PAGE)

    def changed() -> None:
        write()
        custom = st.session_state["filter_period"] == "custom"
        days = (chosen.start.isoformat(), chosen.end.isoformat()) if custom else (None, None)
        address.put(**dict(zip(("from", "to"), days, strict=True)), until=None, **{BACK: None})

    return changed


def _days(chosen: Filter) -> None:
    """First and last day of a custom period; half a choice changes nothing."""
    widget = f"filter_days_{chosen.start}_{chosen.end}"

    def changed() -> None:
        days: tuple[date, ...] = st.session_state[widget]
        if days[1:]:
            own = {"from": days[0].isoformat(), "to": days[1].isoformat(), "until": None, BACK: None}
            address.put(**own, **dict.fromkeys(PAGE))

    st.date_input(
        _("Days"),
        value=(chosen.start, chosen.end),
        key=widget,
        format="DD/MM/YYYY",
        on_change=changed,
        label_visibility="collapsed",
        width=260,
    )


def _choice() -> str:
    given = st.query_params.get(COMPARE, USUAL)
    return given if given in CHOICES or days_of(given) else USUAL


def _choose_other(against: Comparison) -> None:
    shown = OWN if against.is_chosen else against.choice
    st.session_state["filter_compare"] = shown
    before = comparison.days_before(against.period)

    def changed() -> None:
        new = st.session_state["filter_compare"]
        address.put(**{COMPARE: comparison.chosen(*before) if new == OWN else None if new == USUAL else new})

    st.selectbox(
        _("Compared with"),
        CHOICE_NAMES,
        format_func=lambda choice: _(CHOICE_NAMES[choice]),
        key="filter_compare",
        on_change=changed,
        label_visibility="collapsed",
        width=270,
    )
    if days := days_of(against.choice):
        _other_days(*days)


def _other_days(first: date, last: date) -> None:
    """First and last day of a period that is chosen to compare with; half a choice changes nothing."""
    widget = f"filter_compare_{first}_{last}"

    def changed() -> None:
        days: tuple[date, ...] = st.session_state[widget]
        if days[1:]:
            address.put(**{COMPARE: comparison.chosen(*days[:2])})

    st.date_input(
        _("Days to compare with"),
        value=(first, last),
        key=widget,
        format="DD/MM/YYYY",
        on_change=changed,
        label_visibility="collapsed",
        width=260,
    )


def _popover(context: PageContext, facts: Facts, chosen: Filter) -> None:
    listed = [name for name in dimensions.FILTERS if dimensions.keys(name) and not _fixed(context, name)]
    offered = dict.fromkeys(listed, ()) | _fields(chosen)
    count = sum(bool(chosen.keys_of(name)) for name in offered)
    title = md(_("Filter ({n})"), n=count) if count else _("Filter")
    with st.popover(title, icon=":material/filter_list:", key="filter_more"):
        for name, among in offered.items():
            _choose_keys(name, facts, chosen, among)


def _fields(chosen: Filter) -> dict[str, tuple[str, ...]]:
    """The choices that the chosen categories must know, each with these; then those the filter narrows by besides."""
    narrowed = (chosen.keys_of(name) for name in reversed(OF_CATEGORIES))
    among = next((keys for keys in narrowed if set(keys) - {dimensions.NONE}), ())
    own = dimensions.of_fields(catalogues().categories, among) if among else {}
    return dict.fromkeys(own, among) | {name: () for name in _fields_of(chosen) if name not in own}


def _fields_of(chosen: Filter) -> list[str]:
    return [name for name, _keys in chosen.narrowed if name.startswith(dimensions.FIELD)]


def _choose_keys(name: str, facts: Facts, chosen: Filter, among: Collection[str]) -> None:
    """The keys of a dimension, those of retired entries only where a complaint has them.

    ``among``: the categories as whose field it is named, and whose choices it offers; empty for every one.
    """
    kept = chosen.keys_of(name)
    own = {*dimensions.keys(name, among), dimensions.NONE, *kept}
    widget = f"filter_{name}"
    # Other categories have other fields: what these were narrowed to would leave nothing.
    forget = (*PAGE, *_fields_of(chosen)) if name in OF_CATEGORIES else PAGE
    changed = address.follow(widget, list(kept), name, forget=forget)
    st.multiselect(
        spoken(dimensions.title(name, among)),
        [key for key in dimensions.offers(name, {*filters.used(facts, name), *kept}) if key in own],
        format_func=lambda key: visible(dimensions.name_of(name, key)),
        key=widget,
        on_change=changed,
        placeholder=_("all"),
    )


def _fixed(context: PageContext, name: str) -> bool:
    limited = policy.limits(context.person, catalogues())
    return name in limited or (name == "department" and policy.DEPARTMENTS in limited)


def _narrowed_by(context: PageContext, chosen: Filter) -> bool:
    return any(not _fixed(context, name) for name, _keys in chosen.narrowed)


def _chips(context: PageContext, chosen: Filter) -> None:
    """What the page is filtered by, each with the way to take it off: the days that a click chose, then the keys."""
    before = clicks.period(st.query_params.get(BACK, "")) if chosen.preset == "custom" else None
    if before is not None:
        _chip(findings.period(chosen.start, chosen.end), BACK, **before)
    for name, keys in chosen.narrowed:
        if not _fixed(context, name):
            forget = _fields_of(chosen) if name in OF_CATEGORIES else []
            its = chosen.one_category or ""
            among = [its] if name in dimensions.choices_in(its) else []
            _chip(f"{dimensions.title(name, among)}: {_named(name, keys)}", name, **dict.fromkeys((name, *forget)))


def _chip(words: str, key: str, **without: str | None) -> None:
    """``without``: what the query says once it is taken off."""
    st.button(
        plain(words),
        icon=":material/close:",
        icon_position="right",
        help=_("Take this filter off"),
        key=f"chip_{key}",
        on_click=lambda: address.put(**without, **dict.fromkeys(PAGE)),
    )


def _named(name: str, keys: Collection[str]) -> str:
    names = [visible(dimensions.name_of(name, key)) for key in keys]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" +{number(more)}" if more > 0 else "")


def _fixed_in_words(context: PageContext, chosen: Filter) -> list[str]:
    """The keys that the person is limited to: nobody takes these off."""
    fixed = [(name, keys) for name, keys in chosen.narrowed if _fixed(context, name)]
    return [", ".join(dimensions.name_of(name, key) for key in keys) for name, keys in fixed]
