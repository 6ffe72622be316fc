"""Go to another page as a link would: without loading the app again, and with one entry in the browser's history.

``st.switch_page`` with a query leaves two: between them comes the present page with the query of the other, and the
back button leads there.
"""

from __future__ import annotations

from urllib.parse import urlencode

from core.ui import components

_go = components.of_script("go", "export default function ({ data }) { open(data.href) }")


def address(page: str, **query: str) -> str:
    """The address of ``page`` (its key) with its query, relative to any page of this register."""
    return f"{page}?{urlencode(query)}" if query else page


def to(page: str, **query: str) -> None:
    """Leave for ``page`` once this run is drawn."""
    _go(data={"href": address(page, **query)}, height=1)
