"""What is seen and what is logged when a route refuses or breaks."""

import asyncio
import logging
import re

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from core.errors import Unavailable
from core.register.log.database import Register
from core.web.headers import EVERYWHERE
from core.web.trouble import NotLoggedTwice, broken, unavailable
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


@pytest.mark.parametrize("url", ["http://pops.test", "https://pops.test"])
@pytest.mark.parametrize(
    ("path", "is_answering", "status"),
    [("/queue?break=1", True, 500), ("/queue", False, 503), ("/export/complaints.csv", False, 503)],
)
def test_the_answer_to_a_break_is_guarded_like_any_other(
    site: Site, url: str, path: str, is_answering: bool, status: int
) -> None:
    cookies = site.person().cookies
    if not is_answering:
        site.register = Register("postgresql+psycopg://127.0.0.1:1/complaints", site.register.evidence_dir)
    visitor = TestClient(site.app(), base_url=url, raise_server_exceptions=False, cookies=cookies)
    answer = visitor.get(path, headers=BROWSER)
    assert answer.status_code == status
    own = {"Content-Security-Policy"} if "<html" in answer.text else set()
    assert {name: answer.headers[name] for name in EVERYWHERE if name not in own} == {
        name: value for name, value in EVERYWHERE.items() if name not in own
    }
    assert answer.headers["content-security-policy"]
    assert ("strict-transport-security" in answer.headers) is url.startswith("https")


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "///evil.example"])
def test_no_link_of_a_message_leads_to_another_host(site: Site, path: str) -> None:
    cookies = site.person().cookies
    lost = TestClient(site.app(), base_url="http://pops.test", cookies=cookies).get(
        f"http://pops.test{path}", headers=BROWSER
    )
    site.register = Register("postgresql+psycopg://127.0.0.1:1/complaints", site.register.evidence_dir)
    visitor = TestClient(site.app(), base_url="http://pops.test", raise_server_exceptions=False, cookies=cookies)
    down = visitor.get(f"http://pops.test{path}", headers=BROWSER)
    assert (lost.status_code, down.status_code) == (404, 503)
    for page in (lost, down):
        links = re.findall(r'(?:href|action)="([^"]*)"', page.text)
        assert links
        assert [link for link in links if link.startswith(("//", "/\\")) or ":" in link] == []


def test_an_address_in_the_log_stays_on_its_line_when_the_database_is_down(caplog: pytest.LogCaptureFixture) -> None:
    path = "/queue\n2026-11-20 10:00 WARNING signed in"
    request = Request({"type": "http", "path": path, "headers": [], "query_string": b"", "server": ("pops.test", 80)})
    asyncio.run(unavailable(request, Unavailable("no answer", "start it")))
    assert caplog.records[-1].getMessage().startswith("/queue%0A2026")
