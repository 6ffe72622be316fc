"""The analysis pages over one filled register, seen by each role; and what can be read off a drawn page."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from core.insight import facts, rows
from core.insight.slices import Slice
from core.register.log.database import Register
from core.rules.calendar import local_day
from tests.conftest import Cast
from tests.pages.screen import Open, Screen

LONG_AGO = {"period": "custom", "from": "2001-01-01", "to": "2001-01-31"}
ROLES = ("agent", "lead", "handler", "manager", "analyst", "admin")


def opener(register: Register, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    """``open(page, role, **query)`` over ``register``."""

    def open_page(page: str, /, role: str = "manager", **query: str) -> AppTest:
        return Screen(register, getattr(cast, role), now).open(page, monkeypatch, **query)

    return open_page


def links(app: AppTest, page: str = "explore") -> dict[str, dict[str, str]]:
    """Label → query of the links to ``page`` on the main part."""
    found = app.main.get("page_link")
    return {link.proto.label: dict(parse_qsl(link.proto.query_string)) for link in found if link.proto.page == page}


def count(register: Register, query: dict[str, str], now: datetime) -> int:
    """How many rows a link's query names."""
    return rows.count(facts.current(register), Slice.from_query(query, local_day(now)), now)


def cards(app: AppTest) -> dict[str, str]:
    """Label → value of the numbers."""
    return {metric.label: metric.value for metric in app.main.metric}
