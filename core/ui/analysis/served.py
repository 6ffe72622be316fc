"""How many users and orders there were: the months that are known, and a CSV that says more (D36)."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import named, ngettext, number, sentence
from core.register import rulebook
from core.register.organisation import exposure
from core.register.organisation.exposure import Plan
from core.register.rulebook import EXPOSURE
from core.rules.exposure import MEASURES, Exposure, months
from core.ui import doing, style
from core.ui.catalogues import list_files
from core.ui.context import PageContext
from core.ui.text import md, plain

SHOWN = 30  # changes of a preview
ROUND = "exposure_round"


def show(context: PageContext) -> None:
    """The numbers and the field for a file, for whoever may say them."""
    if not context.may(exposure.ACTION):
        return
    with context.register.read() as session:
        known = rulebook.exposure(session)
    doing.show_notice()
    with st.expander(plain(named("list", EXPOSURE)), icon=":material/groups:", key="exposure"):
        st.caption(
            _(
                "What complaints are counted against: complaints per 1,000 users or orders. A CSV has the columns "
                "period (2026-11) and users, or orders, or both; months that it does not name stay as they are."
            )
        )
        if known:
            _table(known)
        style.around_uploads()
        key = f"exposure_file_{st.session_state.get(ROUND, 0)}"
        label = _("A CSV of users or orders: nothing is written before you have seen what it changes")
        given = st.file_uploader(label, type=["csv"], key=key)
        if given is not None:
            _preview(context, given.getvalue())


def _table(known: Exposure) -> None:
    columns = {named("measure", one): months(known, one) for one in MEASURES}
    shown = pd.DataFrame({name: its for name, its in columns.items() if its}).sort_index(ascending=False)
    shown.insert(0, _("Month"), [f"{month:%m/%Y}" for month in shown.index])
    as_read = {name: st.column_config.NumberColumn(name, format="localized") for name in columns}
    st.dataframe(shown, hide_index=True, width="content", placeholder="–", column_config=as_read)


def _preview(context: PageContext, content: bytes) -> None:
    try:
        with context.register.read() as session:
            plan = exposure.plan(session, content)
    except PopsError as refused:
        st.error(plain(sentence(refused)), icon=":material/error:")
        return
    if plan.faults:
        list_files.show_faults(plan.faults)
    elif not plan.changes:
        st.info(_("The list is as the file says: nothing to import."), icon=":material/check:")
    else:
        _changes(context, plan)


def _changes(context: PageContext, plan: Plan) -> None:
    n = len(plan.changes)
    st.markdown(plain(ngettext("{n} month is changed", "{n} months are changed", n).format(n=number(n))))
    for one in plan.changes[:SHOWN]:
        what = f"{named('measure', one.key)}, {one.what}"
        how = " → ".join(number(int(text)) if text else "–" for text in (one.before, one.after))
        st.markdown(md("- {what} :gray[{how}]", what=what, how=how))
    doing.button(
        context,
        _("Import this"),
        lambda session, act: exposure.put(session, plan, act),
        _("The numbers of users and orders are imported."),
        key="exposure_import",
        then=_another,
        icon=":material/check:",
        type="primary",
    )


def _another() -> None:
    """The file was imported: the field is empty again."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
