"""Which part of the queue is on the screen: segment, filters and page, as read from the URL."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import N_, label, named, ngettext, number
from core.i18n import gettext as _
from core.insight import dimensions
from core.insight.dimensions import FIELD
from core.register.reads.queue import Narrow
from core.rules import roles, segments
from core.rules.catalogue import Catalogue, counted_as
from core.rules.details import choices_of
from core.rules.marks import visible
from core.rules.procedure import Procedure
from core.ui import address, paging, style, words
from core.ui.pages import file_of
from core.ui.text import Markdown, Words, md, plain, spoken

PAGE_ROWS = 25
INCIDENT = re.compile(r"SC-\d{4}-\d{4,6}")


@dataclass(frozen=True, slots=True)
class View:
    """A segment, narrowed; ``role``: of whoever looks."""

    segment: str
    narrow: Narrow
    role: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return self.narrow != Narrow()

    @property
    def of_department(self) -> bool:
        """Whether the reader sees what departments were asked alone."""
        return roles.answers_for_department(self.role)


def of(role: str, procedures: Mapping[str, Procedure]) -> View:
    """What the URL asks for, as far as it makes sense."""
    known = catalogues()
    narrow = Narrow(
        category=_asked("category", known.categories),
        channel=_asked("channel", known.channels),
        department=_asked("department", known.departments),
        procedure=address.words("procedure", procedures),
        incident=_asked_incident(),
        choices=tuple((key, chosen) for key in choices_of(known.categories) if (chosen := _asked_choices(key))),
    )
    return View(address.word("segment", segments.offered(role), segments.first(role)), narrow, role)


def _asked(name: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The keys of the URL; a merged entry means its target, as in the figures."""
    return tuple(dict.fromkeys(counted_as(catalogue, key) for key in address.words(name, catalogue)))


def _asked_incident() -> str | None:
    given = st.query_params.get("incident", "")
    return given if INCIDENT.fullmatch(given) else None


def _asked_choices(field: str) -> tuple[str, ...]:
    name = f"{FIELD}{field}"
    return address.words(name, dimensions.keys(name))


def title(view: View, counts: Mapping[str, int]) -> str:
    """What is pressing, or how many the chosen segment holds, and whether a filter hides some of it."""
    names_segment = is_headline(view, counts)
    text = segment_words(view, view.segment, counts) if names_segment else finding(counts)
    return _("{finding} (filtered)").format(finding=text) if view.narrowed else text


def is_headline(view: View, counts: Mapping[str, int]) -> bool:
    """Whether the chosen segment's own number is the headline: it was clicked, and something is in the queue at all."""
    return view.segment not in ("all", "overdue") and counts["all"] > 0


def segment_words(view: View, segment: str, counts: Mapping[str, int]) -> str:
    """``12 hồ sơ: chờ phòng ban``, the same number as on the card that led here."""
    template = ngettext("{n} complaint: {segment}", "{n} complaints: {segment}", counts[segment])
    name = words.segment(segment, of_department=view.of_department)
    return template.format(n=number(counts[segment]), segment=name[:1].lower() + name[1:])


def finding(counts: Mapping[str, int]) -> str:
    """What is pressing among what was counted."""
    overdue, today = counts["overdue"], counts["due_today"]
    late = ngettext("{n} complaint overdue", "{n} complaints overdue", overdue).format(n=number(overdue))
    if overdue and today:
        return _("{late}, {n} due today").format(late=late, n=number(today))
    if overdue:
        return late
    if today:
        return ngettext("{n} complaint due today", "{n} complaints due today", today).format(n=number(today))
    return _("Nothing is overdue or due today") if counts["all"] else _("The queue is empty")


def choose_segment(view: View, counts: Mapping[str, int]) -> None:
    """The segments with their counts."""
    first = segments.first(view.role)
    changed = address.follow("queue_segment", view.segment, "segment", default=first, forget=("page",))

    def tab(name: str) -> Markdown:
        return plain(f"{words.segment_tab(name, of_department=view.of_department)} {number(counts[name])}")

    st.segmented_control(
        _("Segment"),
        segments.offered(view.role),
        format_func=tab,
        required=True,
        key="queue_segment",
        on_change=changed,
        label_visibility="collapsed",
        wrap=False,
    )
    style.on_one_line("queue_segment")


def choose_filters(
    view: View,
    procedures: Mapping[str, Procedure],
    retired: Mapping[str, Collection[str]],
    retired_choices: Mapping[str, Collection[str]],
) -> None:
    """Category, channel, department and procedure behind one button with the number of keys chosen.

    ``retired``: entries no longer offered that open complaints still say, by field of ``Narrow``; ``retired_choices``:
    choices likewise, by field of a category. The choices that the chosen categories must know follow.
    """
    known, narrow = catalogues(), view.narrow
    chosen = len(narrow.category) + len(narrow.channel) + len(narrow.department) + len(narrow.procedure)
    chosen += narrow.incident is not None
    chosen += sum(len(keys) for _field, keys in narrow.choices)
    title = md(_("Filter ({n})"), n=chosen) if chosen else _("Filter")
    with st.popover(title, icon=":material/filter_list:", key="queue_filter"):
        for name, heading, catalogue in (
            ("category", _("Category"), known.categories),
            ("channel", _("Channel"), known.channels),
            ("department", _("Department"), known.departments),
        ):
            keys = _worth_choosing(catalogue, {*retired[name], *getattr(narrow, name)})
            names = {key: name_of(catalogue, key) for key in keys}
            # Other categories have other fields: what these were narrowed to would leave nothing.
            forget = [f"{FIELD}{field}" for field, _keys in narrow.choices] if name == "category" else ()
            _choose(name, plain(heading), names, getattr(narrow, name), forget)
            if name == "category":
                st.caption(_("Finds a case by any of its issues."))
        if len(procedures) > 1:
            names = {key: label(p.name, p.name_en) for key, p in procedures.items()}
            _choose("procedure", _("Procedure"), names, narrow.procedure)
        _choose_choices(narrow, retired_choices)
        if narrow.incident:
            st.caption(plain(_("Incident {code}").format(code=narrow.incident)))
        if view.narrowed:
            st.button(
                _("Clear the filter"), icon=":material/filter_list_off:", key="queue_clear", on_click=clear_filters
            )


def _choose_choices(narrow: Narrow, retired: Mapping[str, Collection[str]]) -> None:
    among, narrowed = narrow.category, dict(narrow.choices)
    own = choices_of(catalogues().categories, among) if among else {}
    for field in dict.fromkeys((*own, *narrowed)):
        name, kept = f"{FIELD}{field}", narrowed.get(field, ())
        its = among if field in own else ()
        used = {*retired.get(field, ()), *kept}
        keys = [key for key in dimensions.offers(name, used) if key in {*dimensions.keys(name, its), *kept}]
        _choose(name, spoken(dimensions.title(name, its)), {key: dimensions.name_of(name, key) for key in keys}, kept)


def _worth_choosing(catalogue: Catalogue, kept: Collection[str]) -> list[str]:
    """The entries that are offered, and ``kept`` of the others; a merged one is found under its target."""
    return [key for key, entry in catalogue.items() if not entry.into and (not entry.retired or key in kept)]


def clear_filters() -> None:
    """Show everything of the segment again."""
    fields = [name for name in st.query_params.to_dict() if name.startswith(FIELD)]
    address.put(
        category=None, channel=None, department=None, procedure=None, incident=None, page=None, **dict.fromkeys(fields)
    )


def choose_page(total: int) -> int:
    """The page number of the URL, 1 for the first; its control is drawn by ``turn_pages``."""
    return paging.number("page", total, PAGE_ROWS)


def turn_pages(page: int, total: int) -> None:
    """Which rows these are, and the way to the others."""
    paging.turn("page", total, PAGE_ROWS, page, template=N_("{first} to {last} of {total}"), is_long=True)


def nothing(view: View, counts: Mapping[str, int]) -> None:
    """Shown instead of rows where there are none, with the way to where there are some."""
    with st.container(border=True, horizontal_alignment="center"):
        if view.narrowed:
            st.markdown(f":material/filter_list: {_('No complaint of this segment fits the filter.')}")
            st.button(_("Clear the filter"), key="queue_clear_here", on_click=clear_filters)
        else:
            vocabulary = "nothing in segment"
            if view.of_department and view.segment == "all":
                vocabulary += " of a department"
            st.markdown(md(":material/task_alt: {nothing}", nothing=named(vocabulary, view.segment)))
            useful = segments.next_with_work(view.role, counts, view.segment)
            if useful:
                words_of_it = plain(segment_words(view, useful, counts))
                st.button(
                    words_of_it, key="queue_useful", icon=":material/arrow_forward:", on_click=_go, args=(useful,)
                )


def _go(segment: str) -> None:
    address.put(segment=segment, page=None)


def remember_place() -> None:
    """Remember segment, filter and page of the queue, for the way back from a complaint."""
    st.session_state["queue_place"] = st.query_params.to_dict()


def back_link() -> None:
    """The way back to the same place of the queue, for the page of a complaint."""
    place = st.session_state.get("queue_place") or None
    st.page_link(file_of("queue"), label=_("Queue"), icon=":material/arrow_back:", query_params=place or {})


def _choose(
    name: str, title: Words, names: Mapping[str, str], chosen: Collection[str], forget: Sequence[str] = ()
) -> None:
    widget = f"queue_{name}"
    changed = address.follow(widget, list(chosen), name, forget=("page", *forget))
    st.multiselect(
        title,
        list(names),
        format_func=lambda key: visible(names[key]),
        key=widget,
        on_change=changed,
        placeholder=_("all"),
    )
