"""Forms whose text is never lost: sent to the server while typing pauses, and put back when the page opens anew.

A script in the page reads the fields and posts them to ``core.web.drafts``, so that no pause runs the page again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import sentence
from core.register.log.database import Register
from core.register.people import form_drafts
from core.register.people.form_drafts import Kept
from core.rules.calendar import LOCAL
from core.ui import components
from core.ui.context import PageContext

_line = components.of_folder(Path(__file__).parent)
OPEN = "open_draft"
"""Whose form, and which, this browser tab had on the screen last."""
NOT_DISCARDED = "draft_not_discarded"
"""Why the draft of this tab could not be discarded, until it was said."""
DATE, MOMENT = "date", "moment"
STEP = "step"  # which step of a case is chosen; to look at its form fills nothing in
OF_A_FILE = ".kind."  # what a file shows: its pick list goes with the file, which no draft keeps
TICK = ".work_log"  # a button holds a truth value too, which nobody but its own press may set
CHOICE = ".mail"  # a tick that may stand there at first, so that its being taken away counts too
SHOWN_LANGUAGE = ".language"  # what ``fields.only`` remembers beside a choice


@dataclass(frozen=True, slots=True)
class Filling:
    """One filling of a form.

    ``form`` and ``token`` as in ``form_drafts``. ``prefix``: how the keys of its widgets begin; ``only``: the names
    after it that belong to the form, all where it is empty. ``beside``: what else comes back with the fields.
    """

    form: str
    token: str
    prefix: str
    only: tuple[str, ...] = ()
    beside: Mapping[str, object] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """The key of a widget."""
        return self.prefix + name

    def values(self) -> dict[str, object]:
        """Name → what its widget holds, as JSON can say it; buttons and files are left out."""
        held = {str(key).removeprefix(self.prefix): value for key, value in st.session_state.items() if self._has(key)}
        return {name: _plain(value) for name, value in sorted(held.items()) if _is_kept(name, value)}

    def _has(self, key: str | int) -> bool:
        name = str(key).removeprefix(self.prefix)
        return str(key).startswith(self.prefix) and (not self.only or name in self.only)


@dataclass(frozen=True, slots=True)
class Opened:
    """The form on the screen of a tab.

    ``first``: what each field held when it was drawn first, so that a form nobody touched is told from a draft.
    ``was_kept``: whether that came from the server.
    """

    person_id: int
    filling: Filling
    first: Mapping[str, object]
    was_kept: bool


def find(context: PageContext, form: str) -> Kept | None:
    """The person's own draft of ``form``."""
    with context.register.read() as session:
        return form_drafts.find(session, context.person.id, form, now=context.now)


def put_back(filling: Filling, fields: Mapping[str, object]) -> None:
    """Fill the widgets of ``filling`` before they are drawn; a value that is not as it was kept is left out."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            value = _moment(value)
        if value is not None and name not in filling.beside:
            st.session_state[filling.key(name)] = value


def line(context: PageContext, filling: Filling, *, kept: datetime | None, give_up: Callable[[], None]) -> None:
    """Keep ``filling`` while it is typed, and say so in a quiet line; drawn after its widgets.

    ``kept``: when it was kept, where it has been put back. ``give_up`` runs when the person discards the draft.
    """

    def _discard() -> None:
        try:
            give_up()
        except PopsError as error:  # the text stays, and goes on being kept
            st.session_state[NOT_DISCARDED] = sentence(error)

    values = filling.values()
    before: Opened | None = st.session_state.get(OPEN)
    # The page cannot know them: who types fast has typed before its script runs.
    first = {**values, **(before.first if before and before.filling.token == filling.token else {})}
    st.session_state[OPEN] = Opened(context.person.id, filling, first, kept is not None)
    texts = {name: _css_class(filling.key(name)) for name, value in values.items() if isinstance(value, str)}
    _line(
        key=f"draft.{filling.token.encode().hex()}",  # Streamlit keeps two underscores in a key to itself
        data={
            "person": context.person.id,
            "form": filling.form,
            "token": filling.token,
            "fields": {**values, **filling.beside},
            "first": first,
            "texts": texts,
            "kept": f"{kept.astimezone(LOCAL):%H:%M}" if kept else "",
            "problem": st.session_state.pop(NOT_DISCARDED, ""),
            "words": {
                "kept": _("Draft saved {time}"),
                "discard": _("Discard the draft"),
                "ended": _("Your session has ended: sign in again in another tab, and the draft is saved."),
                "over": _("This draft is not kept any more: it was saved, discarded or begun anew in another tab."),
                "waiting": _("The draft is not saved yet: the register does not answer. Trying again …"),
            },
        },
        on_discard_change=_discard,
    )


def end(context: PageContext, filling: Filling) -> None:
    """The person gives the filling up: its text goes."""
    with context.register.write() as session:
        form_drafts.end(session, context.person.id, filling.form, filling.token, now=context.now)


def rescue(register: Register, now: datetime) -> bool:
    """Keep what this tab holds although its session has ended, for the person whose session it was; whether it was.

    The form was filled in while they were signed in, and nobody but they gets it back.
    """
    opened: Opened | None = st.session_state.pop(OPEN, None)
    if opened is None:
        return False
    filling, values = opened.filling, opened.filling.values()
    if all(value == opened.first.get(name) for name, value in values.items() if name != STEP):
        return opened.was_kept and bool(values)
    try:
        with register.write() as session:
            fields = {**values, **filling.beside}
            return form_drafts.keep(session, opened.person_id, filling.form, filling.token, fields, now=now)
    except PopsError:
        return False


def is_anothers(person_id: int) -> bool:
    """Whether the form in this tab was drawn for somebody else: another person has signed in beside it since."""
    opened: Opened | None = st.session_state.get(OPEN)
    return opened is not None and opened.person_id != person_id


def _is_kept(name: str, value: object) -> bool:
    is_tick = name.endswith(CHOICE) or (bool(value) and name.endswith(TICK))
    is_plain = isinstance(value, str | int | date) and (is_tick or not isinstance(value, bool))
    # Nothing chosen is left out: a drop zone without files holds an empty list too, and takes none from here.
    is_several = isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    return (is_plain or is_several) and not name.endswith(SHOWN_LANGUAGE) and OF_A_FILE not in name


def _plain(value: object) -> object:
    """``value`` as JSON can say it."""
    if isinstance(value, date):
        return {MOMENT if isinstance(value, datetime) else DATE: value.isoformat()}
    return value


def _moment(value: Mapping[str, object]) -> date | None:
    """The date or moment that ``_plain`` wrote."""
    for kind, read in ((MOMENT, datetime.fromisoformat), (DATE, date.fromisoformat)):
        if kind in value:
            try:
                return read(str(value[kind]))
            except ValueError:
                return None
    return None


def _css_class(key: str) -> str:
    """The class that Streamlit gives the widget ``key``."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key)
