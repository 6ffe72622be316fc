"""Go to another page as a link would: without loading the app again, and with one entry in the browser's history.

``st.switch_page`` with a query leaves two: the page one stands on with the query of the other comes between, and the back
button lands there.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

_go = st.components.v2.component(
    "pops_go",
    js="""
export default function ({ data }) {
  history.pushState({}, "", data.href)
  dispatchEvent(new PopStateEvent("popstate", { state: {} }))
}
""",
)


def address(page: str, **query: str) -> str:
    """The address of ``page`` (its key) with its query, relative to any page of this house."""
    return f"{page}?{urlencode(query)}" if query else page


def to(page: str, **query: str) -> None:
    """Leave for ``page`` once this run is drawn."""
    _go(data={"href": address(page, **query)}, height=1)
