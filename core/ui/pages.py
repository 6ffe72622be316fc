"""The table of pages, and the menu that a role gets of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core.i18n import N_
from core.i18n import gettext as _
from core.rules import roles
from core.settings import ROOT
from core.ui.context import PageContext


@dataclass(frozen=True, slots=True)
class Page:
    """A screen: its key is its file's name, its address and its entry in ``core.rules.roles.PAGES``."""

    key: str
    section: str
    title: str
    icon: str
    file: str
    in_menu: bool = True


WORK, ANALYSIS, ADMINISTRATION = N_("Work"), N_("Analysis"), N_("Administration")
PAGES = (
    Page("overview", WORK, N_("Overview"), ":material/space_dashboard:", "overview.py"),
    Page("my_complaints", WORK, N_("My complaints"), ":material/folder_shared:", "my_complaints.py"),
    Page("log_complaint", WORK, N_("Log a complaint"), ":material/edit_note:", "log_complaint.py"),
    Page("queue", WORK, N_("Queue"), ":material/inbox:", "queue.py"),
    Page("incidents", WORK, N_("Incidents"), ":material/crisis_alert:", "incidents.py"),
    Page("prevention", WORK, N_("Prevention"), ":material/shield:", "prevention.py"),
    Page("lessons", WORK, N_("Lessons"), ":material/school:", "lessons.py"),
    Page("answer_texts", WORK, N_("Answer texts"), ":material/quickreply:", "answer_texts.py"),
    Page("complaint", WORK, N_("Complaint"), ":material/description:", "complaint.py", in_menu=False),
    Page("search", WORK, N_("Search results"), ":material/search:", "search.py", in_menu=False),
    Page("meeting", ANALYSIS, N_("Weekly review"), ":material/groups:", "meeting.py"),
    Page("breakdown", ANALYSIS, N_("Breakdown"), ":material/category:", "breakdown.py"),
    Page("sla", ANALYSIS, N_("SLA"), ":material/timer:", "sla.py"),
    Page("handling", ANALYSIS, N_("Handling time"), ":material/hourglass_bottom:", "handling.py"),
    Page("outcomes", ANALYSIS, N_("Outcomes and returns"), ":material/fact_check:", "outcomes.py"),
    Page("what_if", ANALYSIS, N_("What if"), ":material/science:", "what_if.py"),
    Page("root_causes", ANALYSIS, N_("Root causes"), ":material/account_tree:", "root_causes.py"),
    Page("explore", ANALYSIS, N_("Explore"), ":material/table_view:", "explore.py"),
    Page("people", ADMINISTRATION, N_("People"), ":material/group:", "admin/people.py"),
    Page("calendar", ADMINISTRATION, N_("Calendar"), ":material/calendar_month:", "admin/calendar.py"),
    Page("catalogues", ADMINISTRATION, N_("Catalogues"), ":material/lists:", "admin/catalogues.py"),
    Page("procedures", ADMINISTRATION, N_("Procedures"), ":material/schema:", "procedures.py"),
    Page("api_keys", ADMINISTRATION, N_("API keys"), ":material/key:", "admin/api_keys.py"),
    Page("outlets", ADMINISTRATION, N_("Connections to the outside"), ":material/outbox:", "admin/outlets.py"),
    Page("operations", ADMINISTRATION, N_("Operations"), ":material/monitor_heart:", "admin/operations.py"),
    Page("rights", ADMINISTRATION, N_("Rights"), ":material/shield_person:", "rights.py", in_menu=False),
    Page("notices", WORK, N_("Notices"), ":material/notifications:", "notices.py", in_menu=False),
    Page("account", WORK, N_("My account"), ":material/account_circle:", "account.py", in_menu=False),
)


HOME = "home"
"""What Streamlit knows the first page by; its address is the site's."""


def file_of(key: str) -> Path:
    """The script of a page, as ``st.switch_page`` and ``st.page_link`` want it."""
    return next(ROOT / "pages" / page.file for page in PAGES if page.key == key)


def is_open(key: str, page: st.Page) -> bool:
    """Whether ``page``, as ``navigation`` returned it, is the page ``key``."""
    return next(_(one.title) for one in PAGES if one.key == key) == page.title


def key_of(page: st.Page) -> str:
    """The key of ``page``, as ``navigation`` returned it."""
    return next((one.key for one in PAGES if _(one.title) == page.title), "")


def navigation(context: PageContext) -> st.Page:
    """The menu of this person's role; every other page keeps its address, so that opening it says why it is refused."""
    sections: dict[str, list[st.Page]] = {}
    first = roles.first_page(context.person.role)
    for page in PAGES:
        shown = page.in_menu and context.may_open(page.key)
        sections.setdefault(_(page.section), []).extend(_entries(page, "visible" if shown else "hidden", first))
    return st.navigation(sections, expanded=True)


def hide_menu() -> None:
    """No menu and nothing run; the address of the page stays, for the way back after signing in."""
    entries = [entry for page in PAGES for entry in _entries(page, "hidden", roles.FIRST_PAGE)]
    st.navigation(entries, position="hidden")


def _entries(page: Page, visibility: Literal["visible", "hidden"], first: str) -> Iterator[st.Page]:
    """The page in the menu; the first one, whose address is the site's, a second time under its own address."""
    for is_first in (True, False) if page.key == first else (False,):
        yield st.Page(
            ROOT / "pages" / page.file,
            title=_(page.title),
            icon=page.icon,
            url_path=HOME if is_first else page.key,
            default=is_first,
            visibility="hidden" if page.key == first and not is_first else visibility,
        )
