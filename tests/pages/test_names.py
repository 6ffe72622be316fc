"""Names on pages are those of the register's own catalogues and procedures, not of the shipped files."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core import shipped
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.catalogue import parse
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.cases import logged

CASE = {"code": "KN-2026-000001"}


def rewrite(register: Register, name: str, good: str, other: str, now: datetime) -> None:
    """Take a new version of a catalogue into use, from what may be another process."""
    own = Register(register.url, register.evidence_dir)
    content = shipped.catalogue_texts()[name]
    assert good in content
    with own.write() as session:
        entries = parse(content.replace(good, other, 1), name=name, file=name)
        rulebook.add_catalogue(session, name, entries.values(), Act(None, now))
    own.engine.dispose()


@pytest.fixture
def app(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of one complaint about the comics."""
    logged(sqlite_register, sqlite_cast, product="pops_comic", platform="android")
    seen = Screen(sqlite_register, sqlite_cast.lead, now + timedelta(hours=1))
    return seen.open("complaint", monkeypatch, **CASE)


def test_a_changed_name_is_shown_at_the_next_run(app: AppTest, sqlite_register: Register, now: datetime) -> None:
    assert "Truyện tranh" in said(app)
    rewrite(sqlite_register, "products", "Truyện tranh", "Truyện bản quyền", now)
    app.run()
    assert "Truyện bản quyền" in said(app) and "Truyện tranh" not in said(app)


def test_a_key_no_longer_listed_is_shown_as_it_is(app: AppTest, sqlite_register: Register, now: datetime) -> None:
    rewrite(sqlite_register, "platforms", '[android]\nvi = "Android"\nen = "Android"\n', "", now)
    app.run()
    assert not app.exception and not app.error
    assert "android" in said(app) and "Android" not in said(app)


def test_a_callback_runs_before_the_page_and_needs_no_names(app: AppTest) -> None:
    app.segmented_control(key="language").set_value("en").run()
    assert not app.exception and not app.error


def test_a_new_department_can_be_chosen(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(sqlite_register, "departments", "[legal]", '[audit]\nvi = "Phòng Kiểm toán"\nen = "Audit"\n[legal]', now)
    page = Screen(sqlite_register, sqlite_cast.admin, now).open("people", monkeypatch, person="new", role="handler")
    assert "Phòng Kiểm toán" in page.selectbox(key="people_new_department").options
