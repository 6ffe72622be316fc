"""The fields of a category on the screens: a row of compact inputs, and the values beside the customer's statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import streamlit as st

from core.catalogues import shown
from core.i18n import gettext as _
from core.i18n import label, moment
from core.register.reads.details import Value
from core.register.reads.verified import Fact
from core.rules.calendar import LOCAL
from core.rules.catalogue import Field
from core.rules.details import is_value, moment_of
from core.rules.marks import visible
from core.ui import fields
from core.ui.fields import Persist
from core.ui.text import Markdown, Words, joined, md, plain

EXAMPLES: Mapping[str, str] = {"number": "1.234", "money": "50.000, 50k, 1,2tr"}
"""Type → how its values may be typed, shown in the empty field."""


def name_of(field: Field) -> str:
    """The name of a field in the reader's language."""
    return label(field.vi, field.en)


def inputs(
    asked: Iterable[Field],
    key: Callable[[Field], str],
    under: Callable[[str], None],
    *,
    first: Mapping[str, str] | None = None,
    persist: Persist = "page",
    in_a_row: int = 1,
) -> dict[str, str]:
    """Draw an input for each field, ``in_a_row`` beside each other; returns field → what was typed.

    ``key``: the key of a field's widget. ``under`` is called beneath each with the name of its problem,
    ``details.KEY``. ``first``: what is known so far, as it is kept.
    """
    typed = {}
    wanted = tuple(asked)
    for start in range(0, len(wanted), in_a_row):
        for place, field in zip(st.columns(in_a_row), wanted[start : start + in_a_row], strict=False):
            with place:
                typed[field.key] = _input(field, key(field), (first or {}).get(field.key, ""), persist)
                under(f"details.{field.key}")
    return typed


def needed_before_forwarding(asked: Iterable[Field], typed: Mapping[str, str]) -> None:
    """A quiet line with what is still needed before a department can be asked."""
    names = [name_of(field) for field in asked if field.required == "forward" and not typed.get(field.key, "").strip()]
    if names:
        st.caption(plain(_("Needed before it is forwarded: {names}").format(names=", ".join(names))))


def show(values: Sequence[Value], *, is_open: bool) -> None:
    """What the category must know, what is missing marked; what is known besides comes after it."""
    if not values:
        return
    cells = {plain(_name(value)): _cell(value, is_open=is_open) for value in values}
    st.table(cells, border="horizontal", width="content")


def show_facts(facts: Sequence[Fact]) -> None:
    """What is verified of the customer, by whom and when, and what is not verified yet."""
    if not facts:
        return
    st.markdown(f"**{_('Verified of the customer')}**")
    cells = {plain(name_of(one.value.field)): _fact(one) for one in facts}
    st.table(cells, border="horizontal", width="content")


def _fact(one: Fact) -> Markdown:
    if one.at is None:
        return md(":orange[:material/help: {not_yet}]", not_yet=_("not verified yet"))
    value = plain(shown(one.value.field, one.value.value))
    by = " · ".join(filter(None, (one.who, moment(one.at))))
    return md("{value} :gray[{by}]", value=value, by=by)


def in_words(values: Iterable[Value]) -> Markdown:
    """The values that an event gave, on one line."""
    gone = _("no longer known")
    return joined(" · ", (f"{name_of(value.field)}: {shown(value.field, value.value) or gone}" for value in values))


def _name(value: Value) -> str:
    name = name_of(value.field)
    return _("{name} (other)").format(name=name) if value.is_other else name


def _cell(value: Value, *, is_open: bool) -> Markdown:
    if value.field.required and is_open and not value.value:
        return md(":red[:material/error: {missing}]", missing=_("missing"))
    return plain(shown(value.field, value.value) or "–")


def _input(field: Field, key: str, first: str, persist: Persist) -> str:
    name = plain(f"{name_of(field)} *" if field.required == "intake" else name_of(field))
    if field.type == "moment":
        return _moment(name, key, first, persist)
    if field.type == "choice":
        return _choice(field, name, key, first, persist)
    if first and key not in st.session_state:
        st.session_state[key] = held(field, first)
    example = EXAMPLES.get(field.type)
    return st.text_input(name, key=key, placeholder=example, autocomplete="off", persist_state=persist) or ""


def held(field: Field, value: str) -> str | datetime | None:
    """What the input of a field holds for a value as it is kept; None for a moment that is not known."""
    if field.type == "moment":
        return _minute(moment_of(value)).replace(tzinfo=None) if is_value(field, value) else None
    return value if field.type in ("number", "choice") else shown(field, value)


def _moment(name: Words, key: str, first: str, persist: Persist) -> str:
    known = moment_of(first) if first else None
    at = fields.moment(name, key, known, persist=persist)
    if known is not None and at == _minute(known):
        return first  # the field shows no seconds
    return at.isoformat() if at else ""


def _minute(at: datetime) -> datetime:
    return at.astimezone(LOCAL).replace(second=0, microsecond=0)


def _choice(field: Field, name: Words, key: str, first: str, persist: Persist) -> str:
    offered = (choice for choice in field.choices if not choice.retired or choice.key == first)
    names = {choice.key: label(choice.vi, choice.en) for choice in offered}
    fields.only(key, names)
    chosen = st.selectbox(
        name,
        list(names),
        index=list(names).index(first) if first in names else None,
        format_func=lambda choice: visible(names[choice]),
        key=key,
        placeholder=_("Choose …"),
        persist_state=persist,
    )
    return chosen or ""
