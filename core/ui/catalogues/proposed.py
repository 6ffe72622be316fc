"""What an upgrade proposes: each taken or declined, nothing taken by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Unpack

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import named, ngettext
from core.register.log.act import Act
from core.register.organisation import identity, proposals
from core.register.organisation.proposals import PROCEDURE, Proposal
from core.rules.text import snippet
from core.ui import doing
from core.ui.answer_texts import words as text_words
from core.ui.catalogues import words
from core.ui.catalogues.entry_list import PROPOSALS
from core.ui.context import PageContext
from core.ui.doing import Look
from core.ui.pages import file_of
from core.ui.text import Markdown, Words, md, plain


def show_waiting(context: PageContext) -> None:
    """One line for whoever decides, with the way to the proposals; nothing where there is none."""
    if not context.may_open("catalogues"):
        return
    with context.register.read() as session:
        n = len(proposals.open_ones(session))
    if n:
        waiting = ngettext("{n} proposal of the upgrade", "{n} proposals of the upgrade", n).format(n=n)
        target = {"list": PROPOSALS}
        st.page_link(file_of("catalogues"), label=plain(waiting), icon=":material/upgrade:", query_params=target)


def show(context: PageContext, found: Sequence[Proposal]) -> None:
    """The proposals, list by list."""
    n = len(found)
    title = ngettext("{n} proposal of the upgrade", "{n} proposals of the upgrade", n).format(n=n)
    st.title(plain(title), anchor=False)
    doing.show_notice()
    if not found:
        st.markdown(_("Nothing is proposed any more: everything that came with this version was taken or declined."))
        return
    st.caption(
        _(
            "New with this version of the program. An entry you take is added, your own stay as they are; a procedure "
            "you take replaces yours."
        )
    )
    with context.register.read() as session:
        version = doing.seen("proposals", identity.version(session))
        versions = {one: proposals.version_of(session, one) for one in found}
    for name in dict.fromkeys(one.name for one in found):
        with st.container(border=True):
            st.subheader(plain(named("list", name)), anchor=False)
            for one in found:
                if one.name == name:
                    _proposal(context, one, versions[one], version)


def _proposal(context: PageContext, one: Proposal, version: int, of_organisation: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_text(one), width="stretch")
        name = _name(one)
        key = one.mark.replace("/", "_")
        _button(
            context,
            _("Take"),
            lambda session, act: proposals.take(session, one, act, version=version),
            _("“{name}” is taken.").format(name=name),
            key=f"proposals_take_{key}",
            icon=":material/add:",
        )
        _button(
            context,
            _("Decline"),
            lambda session, act: proposals.decline(session, one, act, version=of_organisation),
            _("“{name}” is not proposed again.").format(name=name),
            key=f"proposals_decline_{key}",
            icon=":material/close:",
            type="tertiary",
        )


def _button(
    context: PageContext,
    label: Words,
    step: Callable[[Session, Act], object],
    done: str,
    *,
    key: str,
    **look: Unpack[Look],
) -> None:
    """Takes ``step`` before the page is drawn, without the button where somebody else decided meanwhile."""

    def clicked() -> None:
        doing.take(context, step, done)

    st.button(label, key=key, on_click=clicked, **look)


def _name(one: Proposal) -> str:
    if one.text is not None:
        return one.text.title
    return one.entry.vi if one.entry else name_of(catalogues().procedures, one.key)


def _text(one: Proposal) -> Markdown:
    if one.text is not None:
        about = f"{text_words.places(one.text)} · {snippet(one.text.body)}"
        return md("**{title}** :gray[{about}]", title=one.text.title, about=about)
    if one.entry is None:
        assert one.name == PROCEDURE
        return md(
            _(
                "**{name}**: the text of this version differs from yours. Taken, it replaces yours from now on, with "
                "what you changed in it; complaints recorded before keep their deadlines."
            ),
            name=_name(one),
        )
    return md("**{vi}** · {en} :gray[{more}]", vi=one.entry.vi, en=one.entry.en, more=words.about(one.name, one.entry))
