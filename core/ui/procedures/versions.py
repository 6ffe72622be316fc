"""Which procedure and which of its versions is shown, and every version with what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.i18n import gettext as _
from core.i18n import moment, ngettext, number
from core.insight import facts
from core.insight import versions as insight
from core.register.organisation.procedure_versions import Version
from core.rules.marks import visible
from core.rules.procedure import Procedure
from core.ui import address
from core.ui.catalogues import words as catalogue_words
from core.ui.context import PageContext
from core.ui.procedures import words
from core.ui.text import joined, md, plain

CHANGES_SHOWN = 12


def choose_procedure(names: Mapping[str, str]) -> str:
    """The procedure of the URL, the first one where it names none; a list where there are several."""
    keys = list(names)
    chosen = address.word("procedure", keys, keys[0])
    if len(keys) > 1:
        changed = address.follow(
            "procedures_key", chosen, "procedure", default=keys[0], forget=("version", "edit", "new")
        )
        st.selectbox(
            _("Procedure"),
            keys,
            format_func=lambda key: visible(names[key]),
            key="procedures_key",
            on_change=changed,
            label_visibility="collapsed",
            width=300,
        )
    return chosen


def choose_version(versions: Sequence[Version], in_use: int) -> int:
    """The version of the URL, the one in use where it names none."""
    return int(address.word("version", [str(one.version) for one in versions], str(in_use)))


def show_standing(shown: int, versions: Sequence[Version], in_use: int) -> None:
    """Which version is on the page, and whether another one waits."""
    one = next(version for version in versions if version.version == shown)
    st.caption(
        md(
            _("Version {version}, applies {since} · {who}"),
            version=shown,
            since=words.since(one.applies_from),
            who=_who(one),
        )
    )
    if shown != in_use:
        st.info(md(_("This is not the version in use, which is {version}."), version=in_use), icon=":material/history:")
    newest = versions[0]
    if newest.version > in_use and newest.version != shown:
        st.info(
            md(_("Version {version} applies {since}."), version=newest.version, since=words.since(newest.applies_from)),
            icon=":material/event_upcoming:",
        )


def show_base(versions: Sequence[Version], in_use: int) -> None:
    """Which version a change begins with, where that one waits for its day."""
    newest = versions[0]
    if newest.version > in_use:
        template = _("You change version {version}, which applies {since}; version {in_use} applies now.")
        since = words.since(newest.applies_from)
        st.info(md(template, version=newest.version, since=since, in_use=in_use), icon=":material/event_upcoming:")


def show(context: PageContext, versions: Sequence[Version], procedure: Procedure, in_use: int) -> None:
    """Every version, newest first: since when, by whom, what changed, how many complaints follow it."""
    followed = insight.followed(facts.current(context.register), procedure.key)
    st.subheader(_("Versions"), anchor=False, help=_("A complaint keeps the version it was recorded under."))
    for one in versions:
        with st.container(border=True, gap="xsmall"):
            template = _("**Version {version}** · {since} · {who}, {moment}")
            head = md(
                template,
                version=one.version,
                since=words.since(one.applies_from),
                who=_who(one),
                moment=moment(one.taken.at),
            )
            st.markdown(head)
            lines = [plain(words.change(change, procedure)) for change in one.taken.changes[:CHANGES_SHOWN]]
            if len(one.taken.changes) > CHANGES_SHOWN:
                lines.append(plain(_("and {n} more changes").format(n=number(len(one.taken.changes) - CHANGES_SHOWN))))
            if lines:
                st.markdown(joined("  \n", lines))
            n = followed.get(one.version, 0)
            with st.container(horizontal=True, vertical_alignment="center"):
                count = ngettext("{n} complaint follows it", "{n} complaints follow it", n)
                st.caption(count.format(n=number(n)), width="content")
                if len(versions) > 1:
                    st.button(
                        _("Read"),
                        key=f"procedures_read_{one.version}",
                        type="tertiary",
                        on_click=_read,
                        args=(None if one.version == in_use else one.version,),
                    )


def _who(one: Version) -> str:
    return catalogue_words.who(one.taken)


def _read(version: int | None) -> None:
    address.put(version=version, edit=None)
