"""What is seen and what is logged when a route refuses or breaks."""

import asyncio
import logging
import re

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from core.register.log.database import Register
from core.web.trouble import NotLoggedTwice, broken
from tests.web.site import BROWSER, Site


def test_a_break_gives_a_number_and_the_log_its_place_but_not_what_was_said(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    person = site.person()
    visitor = TestClient(person.app, base_url="http://pops.test", raise_server_exceptions=False, cookies=person.cookies)
    answer = visitor.get("/queue?break=1&q=0987654321")
    number = re.search(r"mã số này: ([0-9A-F]{6})\.", answer.text)
    assert answer.status_code == 500
    assert number
    assert number.group(1) in caplog.text
    assert "ValueError at site.py" in caplog.text
    assert "0912345678" not in answer.text + caplog.text
    assert "0987654321" not in caplog.text


def test_an_address_stays_on_its_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    path = "/evidence/1\n2026-11-20 10:00 WARNING signed in\x1b[31m\u202e"
    request = Request({"type": "http", "path": path, "headers": [], "query_string": b"", "server": ("pops.test", 80)})
    asyncio.run(broken(request, ValueError("0912345678")))
    written = caplog.records[-1].getMessage()
    assert written.isprintable()
    assert "2026-11-20%2010%3A00%20WARNING" in written


def test_somebody_who_looks_gets_a_page_and_a_program_gets_text(site: Site) -> None:
    person = site.person()
    page, text = person.get("/export/rows.csv"), person.get("/export/rows.csv", headers={"accept": "text/csv"})
    assert (page.status_code, text.status_code) == (403, 403)
    assert "<h1>Không mở được</h1>" in page.text
    assert text.text == "Vai trò của bạn không được làm việc này: hãy hỏi quản trị viên."


@pytest.mark.parametrize(
    ("message", "has_trace", "written", "why"),
    [
        ("Uncaught app execution", True, False, "Streamlit about a page"),
        ("Exception in ASGI application\n", True, False, "uvicorn about a route"),
        ("Uncaught app execution", False, True, "no error with it"),
        ("Application startup failed", True, True, "nobody else says it"),
    ],
)
def test_an_error_is_logged_once_and_by_us(message: str, has_trace: bool, written: bool, why: str) -> None:
    error = ValueError("0912345678")
    trace = (ValueError, error, None) if has_trace else None
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, (), trace)
    assert NotLoggedTwice().filter(record) is written, why


def test_a_database_that_does_not_answer_is_said_and_can_be_tried_again(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    person = site.person()
    site.register = Register("postgresql+psycopg://cskh:hunter2@127.0.0.1:1/complaints", site.register.evidence_dir)
    visitor = TestClient(site.app(), base_url="http://pops.test", raise_server_exceptions=False, cookies=person.cookies)
    page = visitor.get("/sign-in?next=/queue", headers=BROWSER)
    text = visitor.get("/export/complaints.csv", headers={"accept": "text/csv"})
    assert (page.status_code, text.status_code, page.headers["retry-after"]) == (503, 503, "10")
    assert "<h1>Sổ khiếu nại không trả lời</h1>" in page.text
    assert 'href="/sign-in?next=/queue"' in page.text
    assert text.text.startswith("Sổ khiếu nại không trả lời. Hãy thử lại")
    assert visitor.get("/healthz").status_code == 503
    assert "127.0.0.1" not in page.text + text.text, "where the database is stays with whoever runs it"
    assert "from psycopg.OperationalError: " in caplog.text, "the log names the cause"
    assert "127.0.0.1:1" in caplog.text, "and says what to do about it"
    assert "hunter2" not in page.text + text.text + caplog.text
