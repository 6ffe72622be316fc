"""Links to a complaint by its code, to a stored file by its number; an address never holds anything about a person."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import streamlit as st

from core.catalogues import catalogues, name_of
from core.register.log.tables import Complaint
from core.register.reads.search import Hit
from core.ui import badges
from core.ui.pages import file_of
from core.ui.steps import state_word
from core.ui.text import plain

LONGEST_NAME, NAME_END = 60, 9  # letters of a file name; its end, shown also when it is shortened


def to_complaint(
    code: str, label: str, *, icon: str = ":material/folder_open:", width: Literal["content", "stretch"] = "content"
) -> None:
    """A link to the page of complaint ``code``; ``label`` is shown as it is written."""
    st.page_link(file_of("complaint"), label=plain(label), icon=icon, query_params={"code": code}, width=width)


def to_case(complaint: Complaint | Hit, now: datetime) -> None:
    """A link by code, and beside it what it is about, where it stands and how old it is."""
    about = name_of(catalogues().categories, complaint.category)
    state = state_word(complaint.state)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        to_complaint(complaint.code, complaint.code)
        st.caption(plain(f"{about} · {state} · {badges.ago(complaint.recorded_at, now)}"), width="content")


def to_file(evidence_id: int, name: str) -> None:
    """A link that opens or downloads a stored file; ``name`` is shown as it is written."""
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - NAME_END - 1]}…{name[-NAME_END:]}"
    st.link_button(plain(short), f"/evidence/{evidence_id}", icon=":material/attach_file:", type="tertiary")
