"""Người dùng: who may sign in, who is needed first, and every change under the administrator's eyes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import Invalid
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages import rows
from tests.pages.screen import Open, Screen, said

SECRET = "ba con mèo vàng ngủ"


@pytest.fixture
def admin(sqlite_register: Register) -> Person:
    """The only account of the register, with a password."""
    with sqlite_register.write() as session:
        return accounts.add(
            session, Account(login="quan.tri", name="Quản Trị", role="admin"), SECRET, Act(None, MONDAY)
        )


@pytest.fixture
def see(sqlite_register: Register, admin: Person, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the page as the administrator, at an address."""

    def open_people(**query: str) -> AppTest:
        return Screen(sqlite_register, admin, MONDAY).open("people", monkeypatch, **query)

    return open_people


def account(register: Register, login: str) -> Person:
    with register.read() as session:
        return accounts.find(session, login)


def add(app: AppTest, name: str, login: str, password: str | None = None, role: str = "agent") -> AppTest:
    """Fill in the form of a new account and send it."""
    app.text_input(key="people_name").set_value(name)
    app.text_input(key="people_login").set_value(login)
    app = app.selectbox(key="people_new_role").set_value(role).run()
    if password is not None:
        app = app.text_input(key="people_password").set_value(password).run()
    return app.button(key="people_create").click().run()


def test_alone_in_the_register_the_page_says_who_is_needed_first(see: Open) -> None:
    app = see()
    assert not app.exception
    assert "Hiện chỉ có mình bạn" in said(app)
    assert {key for button in app.button if (key := str(button.key)).startswith("people_add_")} == {
        "people_add_lead", "people_add_agent", "people_add_handler",
    }  # fmt: skip
    app = app.button(key="people_add_handler").click().run()
    assert app.query_params == {"person": "new", "role": "handler"}
    assert app.selectbox(key="people_new_role").value == "handler"


def test_a_new_person_can_sign_in_with_the_suggested_password_shown_once(see: Open, sqlite_register: Register) -> None:
    app = see(person="new")
    suggested = app.text_input(key="people_password").value
    app = add(app, "Lê Mai Chi", "Mai.Chi ")
    assert not app.exception
    assert app.query_params == {}, "back on the list"
    assert app.success[0].value.replace("\\", "") == "Lê Mai Chi đã có thể đăng nhập với tên mai.chi."
    assert app.code[0].value == suggested
    assert sign_ins.sign_in(sqlite_register, "mai.chi", suggested, now=MONDAY)
    assert suggested not in said(app.run()), "shown once"
    assert see(person="new").text_input(key="people_password").value != suggested


def test_a_wrong_form_keeps_what_was_typed_and_says_what_to_mend_per_field(
    see: Open, sqlite_register: Register
) -> None:
    app = add(see(person="new"), "Lê Mai Chi", "quan.tri", "ngắn", role="handler")
    assert not app.exception
    told = said(app)
    for sentence in (
        "Tên đăng nhập này đã có người dùng",
        "Chọn phòng ban mà người này phụ trách trả lời",
        "Quá ngắn: ít nhất 10 ký tự",
    ):
        assert sentence in told, sentence
    assert app.text_input(key="people_name").value == "Lê Mai Chi"
    assert app.text_input(key="people_login").value == "quan.tri"
    assert app.text_input(key="people_password").value == "ngắn"
    with sqlite_register.read() as session:
        assert len(accounts.list_people(session)) == 1
    app = app.selectbox(key="people_new_department").set_value("payment").run()
    app = add(app, "Lê Mai Chi", "chi", SECRET, role="handler")
    assert (account(sqlite_register, "chi").role, account(sqlite_register, "chi").department) == ("handler", "payment")


def test_the_list_tells_role_last_sign_in_and_state(
    see: Open, sqlite_register: Register, admin: Person, sqlite_cast: Cast
) -> None:
    sign_ins.sign_in(sqlite_register, "quan.tri", SECRET, now=MONDAY)
    with sqlite_register.write() as session:
        accounts.deactivate(session, sqlite_cast.agent.id, Act(admin, MONDAY))
    app = see()
    assert app.title[0].value == "1 người đăng nhập được"
    assert rows.texts(app, str(admin.id)) == ["Quản Trị", "quan.tri", "quản trị", "16/11/2026 09:00", "đang dùng"]
    assert rows.texts(app, str(sqlite_cast.handler.id))[2:] == [
        "phòng ban liên quan", "Phòng Thanh toán", "chưa lần nào", "chưa có mật khẩu",
    ]  # fmt: skip
    assert rows.texts(app, str(sqlite_cast.agent.id))[-1] == "đã khóa"
    assert rows.keys(app)[-1] == str(sqlite_cast.agent.id), "closed accounts come last"


def test_another_role_a_new_password_closed_and_open_again(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    person = sqlite_cast.agent
    app = see(person=str(person.id))
    assert app.title[0].value == "Agent Thử"
    app = app.selectbox(key=f"people_{person.id}_role").set_value("lead").run()
    app = app.button(key="people_save_role").click().run()
    assert account(sqlite_register, "agent").role == "lead"
    assert "trưởng nhóm CSKH" in app.success[0].value

    app = app.text_input(key="people_password").set_value(SECRET).run()
    app = app.button(key="people_save_password").click().run()
    assert sign_ins.sign_in(sqlite_register, "agent", SECRET, now=MONDAY)
    assert app.code[0].value == SECRET

    app = app.button(key="people_close").click().run()
    assert not account(sqlite_register, "agent").active
    with pytest.raises(Invalid):
        sign_ins.sign_in(sqlite_register, "agent", SECRET, now=MONDAY)
    app = app.button(key="people_open").click().run()
    assert not app.exception
    assert account(sqlite_register, "agent").active


@pytest.mark.parametrize("step", ["people_close", "people_save_role"])
def test_the_last_administrator_stays_one(see: Open, sqlite_register: Register, admin: Person, step: str) -> None:
    app = see(person=str(admin.id))
    app = app.selectbox(key=f"people_{admin.id}_role").set_value("agent").run()
    app = app.button(key=step).click().run()
    assert "quản trị viên cuối cùng" in app.error[0].value
    kept = account(sqlite_register, "quan.tri")
    assert (kept.role, kept.active) == ("admin", True)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_nobody_else_opens_the_page(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    app = Screen(sqlite_register, getattr(sqlite_cast, role), MONDAY).open("people", monkeypatch, person="new")
    assert len(app.error) == 1
    assert not app.main.get("bidi_component")
    assert not [field for field in app.text_input if str(field.key).startswith("people")]


@pytest.mark.parametrize("person", ["999", "x", "new,1", ""])
def test_an_address_of_nobody_shows_the_list(see: Open, person: str) -> None:
    app = see(person=person)
    assert not app.exception
    assert len(rows.keys(app)) == 1
