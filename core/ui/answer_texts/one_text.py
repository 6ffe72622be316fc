"""One answer text: what is offered, the draft that waits, what a lead decides, and every version."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import streamlit as st
from sqlalchemy.orm import Session

from core.i18n import N_, moment
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.log.tables import AnswerText
from core.register.organisation import answer_texts
from core.register.organisation.answer_texts import Standing, Uses, text_of
from core.ui import address, doing
from core.ui.answer_texts import words
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.text import Words, md, plain

Decide = Callable[..., AnswerText]
DONE: Mapping[Decide, str] = {
    answer_texts.approve: N_("“{title}” is approved and offered from now on."),
    answer_texts.drop: N_("The draft of “{title}” is dropped."),
    answer_texts.retire: N_("“{title}” is no longer offered."),
}


def back_button() -> None:
    """Back to the list."""
    st.button(
        _("All answer texts"),
        icon=":material/arrow_back:",
        type="tertiary",
        key="texts_back",
        on_click=address.put,
        kwargs={"text": None},
    )


def show(
    context: PageContext,
    standing: Standing,
    uses: Uses,
    people: Mapping[int, str],
    shipped_at: Collection[datetime],
) -> None:
    """The version in use, and the draft beside it; ``shipped_at``: when texts came with the program."""
    st.caption(plain(f"{words.status(standing)} · {words.use(uses)}"))
    draft, shown = standing.draft, standing.offered
    columns = st.columns(2) if draft and shown else [st.container()]
    if draft:
        with columns[0].container(border=True, height="stretch"):
            st.subheader(_("Draft, waiting for approval"), anchor=False)
            _version(draft, people, shipped_at)
            _decide_draft(context, draft)
    if shown:
        with columns[-1].container(border=True, height="stretch"):
            st.subheader(_("In use"), anchor=False)
            _version(shown, people, shipped_at)
            if context.may("approve_texts") and not draft:
                _button(context, _("Retire it"), ":material/block:", answer_texts.retire, standing.newest)
    if not draft and not shown:
        with st.container(border=True):
            _version(standing.newest, people, shipped_at)


def show_versions(standing: Standing, people: Mapping[int, str], shipped_at: Collection[datetime]) -> None:
    """Who wrote, approved, dropped or retired it, the newest first."""
    st.subheader(_("Versions"), anchor=False)
    for row in reversed(standing.versions):
        line = md(
            _("**Version {version}** · {status} · {who} · {moment}"),
            version=row.version,
            status=words.step(standing, row),
            who=_who(row, people, shipped_at),
            moment=moment(row.written_at),
        )
        with st.expander(line):
            _version(row, people, shipped_at)


def _version(row: AnswerText, people: Mapping[int, str], shipped_at: Collection[datetime]) -> None:
    text = text_of(row)
    st.markdown(md("**{title}**", title=text.title))
    st.caption(
        md(
            _("Offered: {places} · {who}, {moment}"),
            places=words.places(text),
            who=_who(row, people, shipped_at),
            moment=moment(row.written_at),
        )
    )
    timeline.body(text.body)


def _who(row: AnswerText, people: Mapping[int, str], shipped_at: Collection[datetime]) -> str:
    nobody = _("with the program") if row.written_at in shipped_at else _("by command")
    return people.get(row.written_by or 0, nobody)


def _decide_draft(context: PageContext, draft: AnswerText) -> None:
    decides = context.may("approve_texts")
    with st.container(horizontal=True):
        if decides:
            _button(context, _("Approve"), ":material/check:", answer_texts.approve, draft)
        if decides or draft.written_by == context.person.id:
            _button(context, _("Drop the draft"), ":material/delete:", answer_texts.drop, draft)


def _button(context: PageContext, label: Words, icon: str, decide: Decide, row: AnswerText) -> None:
    """A decision about ``row``, the version on the screen: it is refused where there is a newer one by then."""
    st.button(
        label,
        icon=icon,
        type="primary" if decide is answer_texts.approve else "secondary",
        key=f"text_{decide.__name__}_{row.version}",
        on_click=_decide,
        args=(
            context,
            lambda session, act: decide(session, row.key, row.version, act),
            _(DONE[decide]).format(title=row.title),
        ),
    )


def _decide(context: PageContext, step: Callable[[Session, Act], AnswerText], done: str) -> None:
    """A callback, not a run: it decides about what was on the screen when it was clicked."""
    doing.take(context, step, done)
