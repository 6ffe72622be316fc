"""The pick list of answer texts above a field for what a customer is told: choosing one puts it into the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_, language
from core.i18n import gettext as _
from core.register.case.draft import Draft
from core.register.log.tables import AnswerText
from core.register.organisation import answer_texts
from core.register.reads import answer_fields
from core.register.reads import dossier as dossiers
from core.register.reads.dossier import Dossier
from core.rules import answer_text
from core.rules.marks import visible
from core.ui import fields, style
from core.ui.context import PageContext
from core.ui.fields import Persist
from core.ui.text import md, plain

NAME = "answer_text"
"""The field that says which text was used."""
WITH_A_KEY = 9
"""Of the texts of one list; the keyboard has no more digits."""
PUTS_IN = "puts_in"
"""How the names of their buttons begin: not as those of the form, whose fields are kept as a draft."""


def pick(context: PageContext, dossier: Dossier, step: str, channel: str | None, prefix: str) -> str | None:
    """The list of approved texts that fit; returns the one in the field as ``key@version``, None without any.

    What was typed is not lost: a text is put after it, in the place of one that was put there before and not changed.
    """
    complaint, key = dossier.complaint, f"{prefix}.{NAME}"
    with context.register.read() as session:
        rows = answer_texts.offered(
            session, category=complaint.category, step=step, channel=channel or complaint.channel
        )
        offered = {answer_texts.name_of(row): row for row in rows}
        held = answer_texts.find(session, st.session_state.get(key))
        values = answer_fields.of(session, dossier, step, context.person.name, context.now)
    if held is not None:  # put in while it was offered: it stays what was used
        offered.setdefault(answer_texts.name_of(held), held)
    bodies = {name: answer_text.filled(row.body, values) for name, row in offered.items()}
    return _choose(offered, bodies, key, f"{prefix}.text", persist="page")


def pick_before(context: PageContext, draft: Draft, step: str, key: str, field: str) -> str | None:
    """The list of texts that fit what ``draft`` will be; ``key`` and ``field``: of its widget and of the text's.

    Fields stay open until the complaint is logged: ``filled_for`` fills them in then.
    """
    with context.register.read() as session:
        fitting = answer_texts.offered(session, category=draft.category, step=step, channel=draft.channel)
        return _with_open_fields(session, fitting, key, field, persist="session")


def pick_for_all(context: PageContext, step: str, key: str, field: str) -> str | None:
    """The list of texts that fit many complaints at once; ``key`` and ``field``: of its widget and of the text's.

    A text is put in with its fields open: ``filled_for`` fills them in for each complaint.
    """
    with context.register.read() as session:
        return _with_open_fields(session, answer_texts.offered_for_all(session, step=step), key, field)


def _with_open_fields(
    session: Session, rows: Sequence[AnswerText], key: str, field: str, persist: Persist | None = None
) -> str | None:
    offered = {answer_texts.name_of(row): row for row in rows}
    held = answer_texts.find(session, st.session_state.get(key))
    if held is not None:
        offered.setdefault(answer_texts.name_of(held), held)
    used = _choose(offered, {name: row.body for name, row in offered.items()}, key, field, persist)
    if used:
        st.caption(_("What stands in braces, like {code}, is filled in for each complaint."))
    return used


def filled_for(session: Session, context: PageContext, code: str, step: str, said: str) -> str:
    """``said`` with its fields filled in for the complaint; Invalid where it has no value for one of them."""
    whole = dossiers.read(session, code, by=context.person, now=context.now, language=language())
    text = answer_text.filled(said, answer_fields.of(session, whole, step, context.person.name, context.now))
    if any(f"{{{name}}}" in answer_text.left_open(text) for name in answer_text.FIELDS):
        raise Invalid(N_("The text names what this complaint does not have, like a deadline: answer it by itself."))
    return text


def _choose(
    offered: Mapping[str, AnswerText], bodies: Mapping[str, str], key: str, field: str, persist: Persist | None = None
) -> str | None:
    if not offered:
        return None
    fields.only(key, offered)
    _keys(list(offered)[:WITH_A_KEY], key, field, bodies)
    return st.selectbox(
        _("Insert an answer text"),
        list(offered),
        index=None,
        format_func=lambda name: visible(offered[name].title),
        key=key,
        placeholder=_("Choose …"),
        help=_("Alt + 1 puts in the first one at once, Alt + 2 the second, up to Alt + 9."),
        on_change=_insert,
        args=(key, field, bodies),
        persist_state=persist,
    )


def _keys(names: Sequence[str], key: str, field: str, bodies: Mapping[str, str]) -> None:
    """One key puts a text in: buttons that nobody sees, since the list beneath shows the same texts in their order."""
    with st.container(key=style.out_of_sight(f"{PUTS_IN}.{key}")):
        for n, name in enumerate(names, 1):
            st.button(
                plain(str(n)),
                key=f"{PUTS_IN}.{key}.{n}",
                shortcut=f"Alt+{n}",
                on_click=_choose_by_key,
                args=(name, key, field, bodies),
            )


def _choose_by_key(name: str, key: str, field: str, bodies: Mapping[str, str]) -> None:
    st.session_state[key] = name
    _insert(key, field, bodies)


def remind(said: str) -> None:
    """What is still to be filled in by hand before this is sent."""
    if left := answer_text.left_open(said):
        st.markdown(md(_(":orange[:material/edit: Still to be filled in: {gaps}]"), gaps=", ".join(left)))


def _insert(key: str, field: str, bodies: Mapping[str, str]) -> None:
    state, inserted = st.session_state, f"inserted.{key}"
    chosen = state.get(key)
    if not isinstance(chosen, str) or chosen not in bodies:
        return
    typed = str(state.get(field) or "").rstrip()
    before = typed.removesuffix(state.get(inserted, "")).rstrip()
    state[inserted] = bodies[chosen]
    state[field] = f"{before}\n\n{bodies[chosen]}" if before else bodies[chosen]
