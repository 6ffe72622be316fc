"""The frame: who is this, which pages are in the menu, what stays shut, and one sentence when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from core.errors import Invalid, NotAllowed
from core.i18n import gettext as _
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules import roles
from core.settings import ROOT, SESSION_COOKIE, Settings
from core.ui import frame, pages
from tests.pages.screen import values
from tests.test_roles import PAGES as GRID
from tests.test_roles import cells

SHUT = "Trang này không thuộc vai trò của bạn: hãy chọn trang khác trên trình đơn."


@pytest.fixture
def sign_in(sqlite_register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Signs a person of that role in; from then on the screens see that person's cookie."""
    sent: dict[str, str] = {}
    settings = Settings(sqlite_register.url, sqlite_register.evidence_dir.parent)
    monkeypatch.setattr(frame, "the_register", lambda: (sqlite_register, settings))
    monkeypatch.setattr(frame, "utc_now", lambda: now)
    monkeypatch.setattr(frame, "cookies", lambda: sent)

    def of(role: str, name: str = "Lan *Anh*") -> str:
        with sqlite_register.write() as session:
            account = Account(login=role, name=name, role=role, department="payment" if role == "handler" else None)
            person = accounts.add(session, account, None, Act(None, now))
            person.password_hash = "not checked here"
            session.flush()
            sent[SESSION_COOKIE] = sign_ins.open_session(session, person.id, now=now)
        return sent[SESSION_COOKIE]

    return of


def page(key: str) -> AppTest:
    return AppTest.from_string(
        f"""
import streamlit as st
from core.ui import errors, frame
with errors.boundary():
    context = frame.open_page("{key}")
    st.write("content for " + context.person.role)
"""
    ).run()


def shown(screen: AppTest) -> str:
    assert not screen.exception
    return " ".join(text for kind in ("markdown", "info", "error") for text in values(screen.get(kind)))


@pytest.mark.parametrize("role", list(roles.ROLES))
def test_a_page_shows_its_content_to_its_roles_and_a_sentence_to_the_others(
    sign_in: Callable[..., str], role: str
) -> None:
    sign_in(role)
    seen = {key: shown(page(key)) for key in roles.PAGES}
    wanted = {key: f"content for {role}" if cells(GRID)[key, role] else SHUT for key in roles.PAGES}
    assert seen == wanted


@pytest.mark.parametrize("cookie", [None, "", "forged"])
def test_without_a_session_a_page_shows_the_way_in_and_nothing_else(
    sign_in: Callable[..., str], monkeypatch: pytest.MonkeyPatch, cookie: str | None
) -> None:
    sign_in("admin")
    monkeypatch.setattr(frame, "cookies", lambda: {} if cookie is None else {SESSION_COOKIE: cookie})
    screen = page("overview")
    assert shown(screen) == "Phiên làm việc của bạn đã kết thúc."
    assert [button.label for button in screen.button] == ["Đăng nhập"]


def test_a_session_that_ends_while_the_page_is_open_shuts_it_at_the_next_step(
    sign_in: Callable[..., str], sqlite_register: Register, now: datetime
) -> None:
    token = sign_in("agent")
    screen = page("overview")
    assert shown(screen) == "content for agent"
    with sqlite_register.write() as session:
        sign_ins.sign_out(session, token, now=now)
    assert "content" not in shown(screen.run())


def test_the_clock_of_the_session_is_asked_too(
    sign_in: Callable[..., str], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("agent")
    monkeypatch.setattr(frame, "utc_now", lambda: now + timedelta(days=14))
    assert "content" not in shown(page("overview"))


@pytest.mark.parametrize(("asked_by", "is_open"), [("the page itself", False), ("the person", True)])
def test_a_page_left_open_ends_with_the_session_though_it_draws_itself_again(
    sign_in: Callable[..., str], now: datetime, monkeypatch: pytest.MonkeyPatch, asked_by: str, is_open: bool
) -> None:
    sign_in("agent")
    screen = page("overview")
    for hours in (6, 13):
        moment = now + timedelta(hours=hours)
        monkeypatch.setattr(frame, "utc_now", lambda moment=moment: moment)
        if asked_by == "the page itself":
            screen.session_state[frame.OWN_RUN] = moment
        screen.run()
    assert ("content" in shown(screen)) is is_open


def foot() -> AppTest:
    return AppTest.from_string("from core.ui import frame\nframe.foot(frame.enter())").run()


def test_the_foot_says_who_is_here_and_a_name_is_only_text(sign_in: Callable[..., str]) -> None:
    sign_in("lead")
    assert foot().markdown[0].value == r"**Lan \*Anh\*** · trưởng nhóm CSKH"


def test_the_language_is_changed_at_the_foot_and_kept(sign_in: Callable[..., str], sqlite_register: Register) -> None:
    sign_in("lead")
    screen = foot()
    screen.button_group(key="language").set_value("en").run()
    assert screen.markdown[0].value.endswith("customer care lead")
    with sqlite_register.read() as session:
        assert accounts.find(session, "lead").language == "en"
    assert foot().button(key="sign_out").label == "Sign out"


def test_signing_out_ends_the_session_in_the_register(
    sign_in: Callable[..., str], sqlite_register: Register, now: datetime
) -> None:
    token = sign_in("lead")
    screen = foot()
    screen.button(key="sign_out").click().run()
    assert shown(screen).startswith("Bạn đã đăng xuất.")
    with sqlite_register.read() as session:
        assert sign_ins.who(session, token, now=now) is None


MENUS = {
    "reporter": ["my_complaints", "log_complaint", "procedures"],
    "agent": [
        "overview", "log_complaint", "queue", "incidents", "prevention", "lessons", "answer_texts",
        "procedures",
    ],
    "lead": [
        "overview", "log_complaint", "queue", "incidents", "prevention", "lessons", "answer_texts", "meeting",
        "breakdown", "sla", "handling", "outcomes", "what_if", "root_causes", "explore", "procedures",
    ],
    "handler": ["overview", "queue", "incidents", "prevention", "lessons", "answer_texts", "root_causes", "procedures"],
    "manager": [
        "overview", "queue", "incidents", "prevention", "answer_texts", "meeting", "breakdown", "sla", "handling",
        "outcomes", "what_if", "root_causes", "explore", "procedures",
    ],
    "analyst": [
        "overview", "incidents", "meeting", "breakdown", "sla", "handling", "outcomes", "what_if", "root_causes",
        "explore", "procedures",
    ],
    "admin": [
        "overview", "answer_texts", "meeting", "breakdown", "sla", "handling", "outcomes", "what_if", "root_causes",
        "explore", "people", "calendar", "catalogues", "procedures", "api_keys",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("role", "menu"), MENUS.items())
def test_the_menu_holds_the_pages_of_the_role_and_every_address_stays_known(
    sign_in: Callable[..., str], monkeypatch: pytest.MonkeyPatch, role: str, menu: list[str]
) -> None:
    sign_in(role)
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(streamlit, "Page", lambda _file, **said: made.append(said))
    monkeypatch.setattr(streamlit, "navigation", lambda sections, **_: sections)
    pages.navigation(frame.enter())
    known = [said["url_path"] for said in made if not said["default"]]
    assert known == [entry.key for entry in pages.PAGES], "the first page too, though its address is the site's"
    shown = [said["url_path"] for said in made if said["visibility"] == "visible"]
    assert shown == [pages.HOME, *menu[1:]]
    [first] = [said["title"] for said in made if said["default"]]
    assert first == next(_(entry.title) for entry in pages.PAGES if entry.key == menu[0])


def test_the_table_of_pages_is_true() -> None:
    files = {file for file in (ROOT / "pages").rglob("*.py") if file.name not in ("shell.py", "__init__.py")}
    assert {ROOT / "pages" / entry.file for entry in pages.PAGES} == files
    assert {entry.key for entry in pages.PAGES} <= set(roles.PAGES)
    assert all(Path(entry.file).stem == entry.key for entry in pages.PAGES)


def broken(error: Exception) -> str:
    def script(error: Exception) -> None:
        from core.ui import errors

        with errors.boundary():
            raise error

    return shown(AppTest.from_function(script, kwargs={"error": error}).run())


def test_our_own_errors_are_shown_as_their_sentence() -> None:
    assert broken(NotAllowed("This page is not part of your role: choose another from the menu.")) == SHUT
    assert broken(Invalid("Not saved. {details}.", details="x")) == "Chưa lưu. x."


def test_any_other_error_is_a_number_on_the_screen_and_a_place_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    said = broken(ValueError("0912345678"))
    number = said.rsplit(" ", 1)[1].rstrip(".")
    assert len(number) == 6
    assert number in caplog.text
    assert "ValueError at" in caplog.text
    assert "0912345678" not in said + caplog.text
    assert [record.levelno for record in caplog.records if number in record.getMessage()] == [logging.ERROR]


def test_stop_and_rerun_pass_the_boundary() -> None:
    screen = AppTest.from_string(
        "import streamlit as st\nfrom core.ui import errors\n"
        "with errors.boundary():\n    st.write('a')\n    st.stop()\nst.write('b')"
    ).run()
    assert shown(screen) == "a"


def test_what_was_typed_stays_when_the_database_goes_away_for_a_while(
    sqlite_register: Register,
    sign_in: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sign_in("agent")
    gone = Register("postgresql+psycopg://cskh:hunter2@127.0.0.1:1/complaints", sqlite_register.evidence_dir)
    settings = Settings(sqlite_register.url, sqlite_register.evidence_dir.parent)
    form = AppTest.from_string(
        """
import streamlit as st
from core.ui import errors, frame
with errors.boundary():
    context = frame.open_page("log_complaint")
    st.text_area("statement", key="statement")
"""
    ).run()
    form.text_area[0].set_value("Nạp tiền rồi mà chưa có Stars").run()
    monkeypatch.setattr(frame, "the_register", lambda: (gone, settings))
    form.run()
    assert values(form.error) == [
        "Sổ khiếu nại không trả lời. Hãy thử lại sau giây lát: nội dung bạn đã nhập vẫn còn trên trang này."
    ]
    assert "psycopg.OperationalError" in caplog.text and "frame.py" in caplog.text
    assert "hunter2" not in caplog.text
    monkeypatch.setattr(frame, "the_register", lambda: (sqlite_register, settings))
    form.run()
    assert form.text_area[0].value == "Nạp tiền rồi mà chưa có Stars"
