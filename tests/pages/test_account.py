"""Tài khoản của tôi: own password, sessions, second factor and language, for every role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from streamlit.testing.v1 import AppTest

from core.errors import Invalid
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import accounts, second_factor, sign_ins
from core.register.people.accounts import Account
from core.rules import roles
from core.settings import ROOT, SESSION_COOKIE, Settings
from core.ui import frame
from tests.engines import MONDAY
from tests.pages.screen import said

GOOD, OTHER = "ba con mèo đen 7", "sáu con chim sẻ 9"


@dataclass
class Here:
    """Somebody signed in, in front of the page."""

    register: Register
    person: Person
    token: str
    clock: list[object]

    def open(self) -> AppTest:
        return AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=20).run()

    def is_open(self, token: str) -> bool:
        with self.register.read() as session:
            return sign_ins.who(session, token, now=MONDAY) is not None


@pytest.fixture
def sign_in(sqlite_register: Register, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Here]:
    settings = Settings(sqlite_register.url, sqlite_register.evidence_dir.parent)
    clock: list[object] = [MONDAY]
    monkeypatch.setattr(frame, "the_register", lambda: (sqlite_register, settings))
    monkeypatch.setattr(frame, "utc_now", lambda: clock[0])
    monkeypatch.setattr(roles, "FIRST_PAGE", "account")

    def of(role: str = "agent", name: str = "Lan *Anh*") -> Here:
        with sqlite_register.write() as session:
            department = "payment" if role == "handler" else None
            person = accounts.add(session, Account("lan", name, role, department), GOOD, Act(None, MONDAY))
            token = sign_ins.open_session(session, person.id, now=MONDAY, device="Chrome, Windows")
        monkeypatch.setattr(frame, "cookies", lambda: {SESSION_COOKIE: token})
        return Here(sqlite_register, person, token, clock)

    return of


def set_up(here: Here) -> str:
    """Turn the second factor on, a minute ago."""
    before = MONDAY - timedelta(minutes=1)
    with here.register.write() as session:
        secret = second_factor.offer(session, here.person.id, now=before)
        second_factor.turn_on(session, here.person.id, pyotp.TOTP(secret).at(before), Act(here.person, before))
    return secret


@pytest.mark.parametrize("role", list(roles.ROLES))
def test_every_role_has_an_account(sign_in: Callable[..., Here], role: str) -> None:
    app = sign_in(role).open()
    assert not app.exception
    assert app.title[0].value == "Tài khoản của tôi"
    told = said(app)
    assert "Lan *Anh*** · tên đăng nhập **lan**" in told
    for heading in ("Mật khẩu", "Nơi bạn đang đăng nhập", "Xác thực hai lớp", "Ngôn ngữ"):
        assert heading in [block.value for block in app.subheader], heading
    assert "Chrome, Windows" in told


def test_the_password_is_changed_with_the_old_one_and_other_sessions_end(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    with here.register.write() as session:
        there = sign_ins.open_session(session, here.person.id, now=MONDAY)
    app = here.open()
    assert app.button(key="account_change_password").disabled
    app.text_input(key="account_old").set_value(GOOD)
    app = app.text_input(key="account_new").set_value(OTHER).run()
    assert "Tạm được" in said(app) or "Mạnh" in said(app)
    app = app.button(key="account_change_password").click().run()
    assert not app.exception
    assert "Mật khẩu của bạn đã được đổi" in app.success[0].value
    assert (here.is_open(here.token), here.is_open(there)) == (True, False)
    assert app.text_input(key="account_old").value == ""
    assert sign_ins.sign_in(here.register, "lan", OTHER, now=MONDAY)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("wrong", OTHER, "Đây không phải mật khẩu hiện tại của bạn"),
        (GOOD, GOOD, "Đây là mật khẩu hiện tại: hãy chọn mật khẩu khác"),
        (GOOD, "lananh2027", "đừng dùng tên hoặc tên đăng nhập của bạn"),
        (GOOD, "ngắn", "Quá ngắn: ít nhất 10 ký tự"),
    ],
)
def test_a_password_that_is_not_taken_is_said_why(sign_in: Callable[..., Here], old: str, new: str, says: str) -> None:
    here = sign_in()
    app = here.open()
    app.text_input(key="account_old").set_value(old)
    app = app.text_input(key="account_new").set_value(new).run()
    app = app.button(key="account_change_password").click().run()
    assert says in said(app)
    assert not app.success
    assert sign_ins.sign_in(here.register, "lan", GOOD, now=MONDAY + timedelta(seconds=1))


def test_guessing_the_old_password_makes_one_wait(sign_in: Callable[..., Here]) -> None:
    app = sign_in().open()
    for says in ("không phải mật khẩu hiện tại", "chờ 1 giây"):
        app.text_input(key="account_old").set_value("wrong")
        app = app.text_input(key="account_new").set_value(OTHER).run()
        app = app.button(key="account_change_password").click().run()
        assert says in said(app)


def test_sessions_are_listed_and_ended_elsewhere(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    assert "Không còn nơi nào khác" in said(here.open())
    with here.register.write() as session:
        there = sign_ins.open_session(session, here.person.id, now=MONDAY - timedelta(hours=2), device="Safari, iPhone")
        sign_ins.open_session(session, here.person.id, now=MONDAY)
    app = here.open()
    told = said(app)
    assert told.index("Chrome, Windows") < told.index("Thiết bị không rõ") < told.index("Safari, iPhone")
    assert told.count("phiên này") == 1
    assert "Từ 16/11/2026 07:00" in told
    app = app.button(key="account_sign_out_elsewhere").click().run()
    assert "Đã kết thúc 2 phiên đăng nhập khác" in app.success[0].value
    assert (here.is_open(here.token), here.is_open(there)) == (True, False)


def test_the_second_factor_is_set_up_with_a_code_and_gives_recovery_codes_once(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    app = here.open().button(key="account_set_up").click().run()
    assert not app.exception
    secret = app.code[0].value
    assert len(app.get("image")) == 1, "the picture to scan"
    assert here.open().button(key="account_set_up").click().run().code[0].value == secret, "the same after F5"
    code = pyotp.TOTP(secret).at(MONDAY)
    app = app.text_input(key="account_code").set_value(code).run()
    assert app.button(key="account_turn_on").disabled, "a screen left open is not enough: the password is asked"
    for password, typed, says in (
        ("wrong", code, "không phải mật khẩu hiện tại"),
        (GOOD, "000000", "Mã này không đúng"),
    ):
        here.clock[0] = MONDAY + timedelta(seconds=2 if password == GOOD else 0)
        app.text_input(key="account_factor_password").set_value(password)
        app = app.text_input(key="account_code").set_value(typed).run().button(key="account_turn_on").click().run()
        assert says in said(app)
        with here.register.read() as session:
            assert not second_factor.is_on(session, here.person.id)
    app.text_input(key="account_factor_password").set_value(GOOD)
    app = app.text_input(key="account_code").set_value(code).run().button(key="account_turn_on").click().run()
    assert "Xác thực hai lớp đã bật" in app.success[0].value
    assert len(app.code[0].value.splitlines()) == 10
    assert "Còn 10 mã dự phòng" in said(app)
    assert not app.run().code, "shown once"


def test_it_is_turned_off_with_password_and_code_only(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    secret = set_up(here)
    app = here.open()
    app.text_input(key="account_factor_password").set_value("wrong")
    app = app.text_input(key="account_code").set_value("000000").run()
    app = app.button(key="account_turn_off").click().run()
    assert "không phải mật khẩu hiện tại" in said(app)
    here.clock[0] = now = MONDAY + timedelta(seconds=5)
    app.text_input(key="account_factor_password").set_value(GOOD)
    app = app.text_input(key="account_code").set_value(pyotp.TOTP(secret).at(now)).run()
    app = app.button(key="account_turn_off").click().run()
    assert "Xác thực hai lớp đã tắt" in app.success[0].value
    assert app.button(key="account_set_up").label == "Thiết lập xác thực hai lớp"


def test_new_recovery_codes_take_password_and_code_too(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    secret = set_up(here)
    app = here.open()
    app.text_input(key="account_factor_password").set_value(GOOD)
    app = app.text_input(key="account_code").set_value(pyotp.TOTP(secret).at(MONDAY)).run()
    app = app.button(key="account_new_codes").click().run()
    assert len(app.code[0].value.splitlines()) == 10


def test_a_role_that_demands_it_is_told_so(sign_in: Callable[..., Here]) -> None:
    here = sign_in("lead")
    set_up(here)
    with here.register.write() as session:
        second_factor.demand(session, ["lead"], Act(None, MONDAY))
    assert "Vai trò của bạn bắt buộc" in said(here.open())


def test_the_language_is_chosen_here_as_at_the_foot(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    app = here.open().button_group(key="account_language").set_value("en").run()
    assert app.title[0].value == "My account"
    assert app.button_group(key="language").value == "en"


def test_an_account_that_is_closed_meanwhile_says_so(sign_in: Callable[..., Here]) -> None:
    here = sign_in()
    app = here.open()
    with here.register.write() as session:
        accounts.deactivate(session, here.person.id, Act(None, MONDAY))
    app = app.run()
    assert app.info[0].value == (
        "Tài khoản của bạn đã bị khóa nên không đăng nhập được. Nếu vẫn cần dùng, hãy liên hệ quản trị viên."
    )
    assert not app.main.button, "no way to sign in, since there is none"
    with pytest.raises(Invalid):
        sign_ins.sign_in(here.register, "lan", GOOD, now=MONDAY)
