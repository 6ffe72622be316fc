"""The pick list of answer texts above a field for what a customer is told: choosing one puts it into the field."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.i18n import gettext as _
from core.register.organisation import answer_texts
from core.register.reads import answer_fields
from core.register.reads.dossier import Dossier
from core.rules import answer_text
from core.rules.marks import visible
from core.ui import fields
from core.ui.context import PageContext
from core.ui.text import md

NAME = "answer_text"
"""The field that says which text was used."""


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
    if not offered:
        return None
    bodies = {name: answer_text.filled(row.body, values) for name, row in offered.items()}
    fields.only(key, offered)
    return st.selectbox(
        _("Insert an answer text"),
        list(offered),
        index=None,
        format_func=lambda name: visible(offered[name].title),
        key=key,
        placeholder=_("Choose …"),
        on_change=_insert,
        args=(prefix, bodies),
        persist_state="page",
    )


def remind(said: str) -> None:
    """What is still to be filled in by hand before this is sent."""
    if left := answer_text.left_open(said):
        st.markdown(md(_(":orange[:material/edit: Still to be filled in: {gaps}]"), gaps=", ".join(left)))


def _insert(prefix: str, bodies: Mapping[str, str]) -> None:
    chosen, state = st.session_state.get(f"{prefix}.{NAME}"), st.session_state
    field, inserted = f"{prefix}.text", f"inserted.{prefix}"
    if not isinstance(chosen, str) or chosen not in bodies:
        return
    typed = str(state.get(field) or "").rstrip()
    before = typed.removesuffix(state.get(inserted, "")).rstrip()
    state[inserted] = bodies[chosen]
    state[field] = f"{before}\n\n{bodies[chosen]}" if before else bodies[chosen]
