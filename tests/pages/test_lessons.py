"""Bài học: the lessons of closed complaints, narrowed by words, category and cause."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.register.log.database import Register
from core.ui import lessons
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages import rows
from tests.pages.screen import Screen, said
from tests.register.cases import advanced

LESSON, CODE = "Đối soát hằng giờ", "KN-2026-000001"


def opened(register: Register, cast: Cast, role: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    app = Screen(register, getattr(cast, role), MONDAY).open("lessons", monkeypatch, **query)
    assert not app.exception
    return app


def test_nothing_was_learnt_yet(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = said(opened(sqlite_register, sqlite_cast, "agent", monkeypatch))
    assert "Chưa có bài học nào" in shown
    assert "Người đóng hồ sơ có thể ghi bài học rút ra" in shown


@pytest.mark.parametrize("role", ["agent", "lead", "handler"])
def test_a_lesson_leads_to_its_complaint(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    advanced(sqlite_register, sqlite_cast)
    app = opened(sqlite_register, sqlite_cast, role, monkeypatch)
    assert "1 bài học" in said(app)
    (row,) = rows.drawn(app)["rows"]
    assert row["href"].endswith(f"complaint?code={CODE}")
    assert rows.texts(app, CODE) == [
        CODE, "18/11/2026", LESSON, "Thanh toán POPS Stars / Tắt quảng cáo", "Đối soát chậm",
    ]  # fmt: skip


def test_words_and_choices_narrow_it(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced(sqlite_register, sqlite_cast)
    app = opened(sqlite_register, sqlite_cast, "lead", monkeypatch)
    app = app.text_input(key="lessons_field").set_value("doi soat").run()
    assert rows.keys(app) == [CODE]
    (row,) = rows.drawn(app)["rows"]
    assert [cell["marks"] for cell in row["cells"] if cell["text"] == LESSON] == [[[0, 3], [4, 8]]], (
        "what fits is marked"
    )
    assert not app.query_params, "what is typed may name a customer: it stands in no address"
    app = app.text_input(key="lessons_field").set_value("bảo trì").run()
    assert "Không có bài học nào phù hợp" in said(app)
    app = app.text_input(key="lessons_field").set_value("").run()
    app = app.selectbox(key="lessons_category").set_value("login").run()
    assert app.query_params["category"] == "login"
    assert "Không có bài học nào phù hợp" in said(app)
    assert rows.keys(opened(sqlite_register, sqlite_cast, "lead", monkeypatch, category="payment")) == [CODE]


@pytest.mark.parametrize("role", ["reporter", "manager", "analyst", "admin"])
def test_nobody_else_opens_it(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    advanced(sqlite_register, sqlite_cast)
    assert LESSON not in said(opened(sqlite_register, sqlite_cast, role, monkeypatch))


def test_every_page_of_a_long_list_opens(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many a search would list."""
    monkeypatch.setattr(lessons, "LISTED", 1)
    monkeypatch.setattr(lessons, "PAGE_ROWS", 1)
    first, second = advanced(sqlite_register, sqlite_cast), advanced(sqlite_register, sqlite_cast)
    shown = [
        rows.keys(opened(sqlite_register, sqlite_cast, "lead", monkeypatch, page=page)) for page in ("1", "2", "9")
    ]
    assert shown == [[second.code], [first.code], [first.code]], "beyond the last page it is the last"
