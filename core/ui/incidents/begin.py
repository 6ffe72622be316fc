"""An incident is opened: what it is called, and the complaints it is opened from."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st
from sqlalchemy.orm import Session

from core.i18n import gettext as _
from core.i18n import number
from core.register.case import incidents
from core.register.case.incident import LONGEST_TITLE
from core.register.log.act import Act
from core.ui import address, doing
from core.ui.context import PageContext
from core.ui.incidents import outcome
from core.ui.text import md

CODE = re.compile(r"[A-Z]{2}-\d{4}-\d{6}")


def show(context: PageContext) -> None:
    """The form, open where another page led here with a complaint."""
    given = codes_in(st.query_params.get("of", ""))
    with st.expander(_("Open an incident"), icon=":material/add:", expanded=bool(given), key="incident_begin"):
        title = st.text_input(_("What happened?"), key="incident_title", max_chars=LONGEST_TITLE)
        doing.mend("title")
        if given:
            st.session_state.setdefault("incident_codes", "\n".join(given))
        typed = codes_field("incident_codes")
        doing.button(
            context,
            _("Open an incident"),
            opening(dict.fromkeys(codes_in(typed)), title or ""),
            "",
            key="incident_open",
            then=_forget,
            type="primary",
            icon=":material/crisis_alert:",
        )


def codes_field(key: str) -> str:
    """Codes of complaints, however they are separated."""
    label = md(_("Codes of the complaints, up to {n}"), n=number(incidents.MOST))
    return st.text_area(label, key=key, placeholder="KN-2026-000123") or ""


def codes_in(text: str) -> list[str]:
    """The codes in ``text``, each once."""
    return list(dict.fromkeys(CODE.findall(text.upper())))


def opening(versions: incidents.Versions, title: str) -> Callable[[Session, Act], None]:
    """Open it from these complaints, and remember what became of each."""

    def write(session: Session, act: Act) -> None:
        code, result = incidents.begin(session, versions, title, act)
        said = _("Incident {code} opened").format(code=code) if code else _("No incident was opened")
        outcome.keep(said, result)
        if code:
            address.put(code=code, of=None)

    return write


def _forget() -> None:
    for key in ("incident_title", "incident_codes"):
        st.session_state.pop(key, None)
