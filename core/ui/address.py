"""The URL is the state: words, keys and numbers read from the query, and written back by the widget that changed them.

Not ``bind="query-params"``: that writes the label a person reads, which changes with the language and the counts in
it. Here the query holds keys, many of them with commas between (``?segment=overdue&category=payment,login``), as the
figures' filters do, so that a link from a card, a message or the browser's history always means the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

Value = str | int | Iterable[str] | None
MAX_DIGITS = 9  # more than any number in a query has


def word(name: str, known: Sequence[str], default: str) -> str:
    """The key ``name`` of the query; ``default`` where it is missing or unknown."""
    given = st.query_params.get(name, default)
    return given if given in known else default


def words(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known keys among the comma-separated ones of ``name``, in the order of ``known``."""
    given = set(st.query_params.get(name, "").split(","))
    return tuple(key for key in known if key in given)


def number(name: str, *, most: int) -> int:
    """The number ``name`` of the query within 1 … ``most``; 1 where it is missing or no number."""
    given = st.query_params.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) <= MAX_DIGITS):
        return 1
    return max(1, min(int(given), most))


def put(**values: Value) -> None:
    """Write these into the query; what is empty or None leaves it. All at once: one entry in the browser's history."""
    given = st.query_params.to_dict()
    wanted = dict(given)
    for name, value in values.items():
        text = ",".join(value) if isinstance(value, Iterable) and not isinstance(value, str) else str(value or "")
        wanted[name] = text
    wanted = {name: text for name, text in wanted.items() if text}
    if wanted != given:
        st.query_params.from_dict(wanted)


def follow(
    widget: str, value: object, name: str, *, default: Value = None, forget: Sequence[str] = ()
) -> Callable[[], None]:
    """Make the widget keyed ``widget`` show ``value``; returns the ``on_change`` that writes its new value as ``name``.

    Called before the widget, so that the query decides also after the browser's back button. ``default`` is left out of
    the query, and so is what a change makes meaningless (``forget``: the page of another list).
    """
    st.session_state[widget] = value

    def changed() -> None:
        new: Value = st.session_state[widget]
        put(**{name: None if new == default else new}, **dict.fromkeys(forget))

    return changed
