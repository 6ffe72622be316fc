"""A list as a file: downloaded, and imported after a look at what it changes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import named, ngettext, number, sentence
from core.register.organisation import list_file, lists
from core.register.organisation.audit import Applied
from core.register.organisation.list_file import Fault, Plan
from core.ui import doing, style
from core.ui.catalogues import words
from core.ui.context import PageContext
from core.ui.text import md, plain

EXPORT = "/export/lists/{name}.csv"
SHOWN = 30  # changes and faults of a preview
ROUND = "catalogues_import_round"


def show(context: PageContext, name: str) -> None:
    """Links to the file, and beneath them the field for one to import."""
    with st.expander(_("CSV: export and import"), key=f"catalogues_files_{name}"):
        address = EXPORT.format(name=name)
        with st.container(horizontal=True):
            st.link_button(_("CSV"), address, icon=":material/download:")
            st.link_button(
                _("CSV for Vietnamese Excel"),
                f"{address}?dialect=excel",
                icon=":material/download:",
                help=_("Semicolons between the cells, as Excel expects where the comma is the decimal sign."),
            )
        style.around_uploads()
        given = st.file_uploader(
            _("Import a CSV: nothing is written before you have seen what it changes"),
            type=["csv"],
            key=f"catalogues_import_{name}_{st.session_state.get(ROUND, 0)}",
        )
        if given is not None:
            _preview(context, name, given.getvalue())


def _preview(context: PageContext, name: str, content: bytes) -> None:
    try:
        with context.register.read() as session:
            plan = list_file.plan(session, name, content)
    except PopsError as refused:
        st.error(plain(sentence(refused)), icon=":material/error:")
        return
    if plan.unread:
        st.caption(md(_("Columns that mean nothing here are passed over: {columns}."), columns=", ".join(plan.unread)))
    if plan.faults:
        show_faults(plan.faults)
    elif not plan.changes:
        st.info(_("The list is as the file says: nothing to import."), icon=":material/check:")
    else:
        _changes(context, plan)


def show_faults(faults: Sequence[Fault]) -> None:
    """What is to be mended in a file before any of it is taken in."""
    n = len(faults)
    told = ngettext(
        "{n} cell is to be mended, nothing is written.", "{n} cells are to be mended, nothing is written.", n
    )
    st.error(told.format(n=number(n)), icon=":material/error:")
    for fault in faults[:SHOWN]:
        where = _("Line {line}, column {column}") if fault.column else _("Line {line}")
        place = where.format(line=fault.line, column=fault.column)
        st.markdown(md("- **{place}**: {sentence}", place=place, sentence=_(fault.sentence)))


def _changes(context: PageContext, plan: Plan) -> None:
    moved, retired = plan.count(lists.POSITION), plan.count("retired")
    added = plan.count(lists.ADDED)
    changed = len({one.key for one in plan.changes}) - added
    parts = [
        ngettext("{n} entry is added", "{n} entries are added", added).format(n=number(added)) if added else "",
        ngettext("{n} is changed", "{n} are changed", changed).format(n=number(changed)) if changed else "",
        _("{n} of them retired or offered again").format(n=number(retired)) if retired else "",
        _("{n} of them moved").format(n=number(moved)) if moved else "",
    ]
    st.markdown(md("**{summary}**", summary=", ".join(filter(None, parts))))
    applied = Applied(context.now, None, "catalogue", plan.name, plan.version, plan.changes)
    for one in plan.changes[:SHOWN]:
        what, how = words.change(applied, one)
        st.markdown(md("- {what} :gray[{how}]", what=what, how=how))
    if len(plan.changes) > SHOWN:
        st.caption(_("and {n} more changes").format(n=number(len(plan.changes) - SHOWN)))
    doing.button(
        context,
        _("Import this"),
        lambda session, act: lists.replace_all(session, plan.name, plan.after, act, version=plan.version),
        _("The file is imported into “{list}”.").format(list=named("list", plan.name)),
        key="catalogues_import_confirm",
        then=_another,
        icon=":material/check:",
        type="primary",
    )


def _another() -> None:
    """The file was imported: the field is empty again."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
