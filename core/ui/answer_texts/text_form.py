"""The form of a draft: title, text with its fields, where it is offered; shown as a customer would read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import streamlit as st

from core.catalogues import catalogues, name_of
from core.errors import Conflict, Invalid, PopsError
from core.i18n import due_words, named, sentence
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.log.tables import AnswerText
from core.register.organisation import answer_texts
from core.register.organisation.answer_texts import text_of
from core.register.reads.answer_fields import CUSTOMERS_READ
from core.rules import answer_text
from core.rules.answer_text import MAX_BODY, MAX_TITLE, TELLING, Text
from core.rules.catalogue import Catalogue, offered
from core.ui import address, doing, fields
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.text import Words, plain

STATE = "answer_text_form"
BODY_HEIGHT = 260  # pixels


@dataclass
class Writing:
    """What this tab writes: the text (empty: a new one), the version it was begun on, and what was refused.

    ``round`` grows with every draft saved, so that the next form has new widgets.
    """

    key: str
    version: int
    round: int = 1
    problems: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    def widget(self, name: str) -> str:
        """The key of a widget."""
        return f"answer_text.{self.key}.{self.round}.{name}"


def show(context: PageContext, newest: AnswerText | None) -> None:
    """The form of a new text, or of the next version of ``newest``."""
    writing = _of_tab(newest)
    begun = text_of(newest) if newest else Text("", "")
    with st.container(border=True, key="text_form"):
        st.subheader(_("Write a new version") if newest else _("The text"), anchor=False)
        left, right = st.columns([1.3, 1], gap="medium")
        with left:
            text = _fields(writing, begun)
        with right:
            _preview(context, text)
        if writing.refused:
            st.error(plain(writing.refused), icon=":material/error:")
        st.caption(_("It is offered once a lead, a manager or an administrator has approved it."))
        if st.button(_("Save the draft"), type="primary", icon=":material/check:", key=writing.widget("save")):
            _save(context, writing, text)


def _of_tab(newest: AnswerText | None) -> Writing:
    key, version = (newest.key, newest.version) if newest else ("", 0)
    writing: Writing | None = st.session_state.get(STATE)
    if writing is None or writing.key != key or writing.widget("title") not in st.session_state:
        n = writing.round + 1 if writing else 1
        writing = st.session_state[STATE] = Writing(key, version, n)
    return writing


def _fields(writing: Writing, begun: Text) -> Text:
    known, problems = catalogues(), writing.problems
    title = st.text_input(_("Title, as colleagues find it"), begun.title, MAX_TITLE, key=writing.widget("title"))
    fields.mend(problems, "title")
    body = st.text_area(
        _("What the customer is told"), begun.body, BODY_HEIGHT, MAX_BODY, key=writing.widget("body"), help=_help()
    )
    fields.mend(problems, "body")
    steps = {key: named("step", key) for key in TELLING}
    with st.container(horizontal=True):
        step = _narrow(writing, _("Step"), steps, "step", begun.step)
        category = _narrow(writing, _("Category"), _names(known.categories, begun.category), "category", begun.category)
        channel = _narrow(writing, _("Channel"), _names(known.channels, begun.channel), "channel", begun.channel)
    fields.mend(problems, "step", "category", "channel")
    return Text(title, body, category, step, channel)


def _help() -> Words:
    return _(
        "Filled in when it is inserted: {name} the customer, {code} the case code, {deadline} when the result is due, "
        "{holder} who holds the case. What stands in [square brackets] is filled in by hand."
    )


def _narrow(writing: Writing, label: Words, names: dict[str, str], name: str, begun: str | None) -> str | None:
    keys = list(names)
    return st.selectbox(
        label,
        keys,
        index=keys.index(begun) if begun in keys else None,
        format_func=lambda key: plain(names[key]),
        key=writing.widget(name),
        placeholder=_("all"),
        width=180,
    )


def _names(catalogue: Catalogue, kept: str | None) -> dict[str, str]:
    return {key: name_of(catalogue, key) for key in offered(catalogue, kept)}


def _preview(context: PageContext, text: Text) -> None:
    st.markdown(f"**{_('As the customer would read it')}**")
    if not text.body.strip():
        st.caption(_("What you write is shown here with an invented case."))
        return
    said = answer_text.filled(text.body, sample(context))
    with st.container(border=True):
        timeline.body(said)


def sample(context: PageContext) -> dict[str, str]:
    """What the fields stand for in an invented case."""
    due_at = (context.now + timedelta(days=5)).replace(hour=10, minute=30)  # 17:30 in Vietnam
    return {
        "name": "Nguyễn Thị An",
        "code": f"KN-{context.now.year}-000123",
        "deadline": due_words(due_at, CUSTOMERS_READ),
        "holder": context.person.name,
    }


def _save(context: PageContext, writing: Writing, text: Text) -> None:
    """Save on the version the form was begun on; a refusal leaves what was typed as it is."""
    writing.problems, writing.refused = {}, ""
    act = Act(context.person, context.now)
    try:
        with context.register.write() as session:
            if writing.key:
                row = answer_texts.redraft(session, writing.key, text, writing.version, act)
            else:
                row = answer_texts.begin(session, text, act)
    except Conflict:
        with context.register.read() as session:
            writing.version = answer_texts.get(session, writing.key).newest.version
        writing.refused = _(
            "Somebody else changed this text while you were writing: see above what changed. Nothing you typed is "
            "lost; save again to replace theirs."
        )
    except PopsError as error:
        writing.problems = error.fields if isinstance(error, Invalid) else {}
        writing.refused = sentence(error)
    else:
        st.session_state.pop(STATE)
        doing.tell(_("The draft “{title}” is saved and waits for approval.").format(title=row.title))
        address.put(text=row.key)
    st.rerun()
