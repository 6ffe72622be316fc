"""Người dùng: who may sign in, who is needed first, and every change under the administrator's eyes."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from streamlit.testing.v1 import AppTest

from core.errors import Invalid, NotAllowed
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import accounts, invitations, second_factor, sign_ins
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


def add(app: AppTest, name: str, login: str, role: str = "agent") -> AppTest:
    """Fill in the form of a new account and send it."""
    app.text_input(key="people_name").set_value(name)
    app.text_input(key="people_login").set_value(login)
    app = app.selectbox(key="people_new_role").set_value(role).run()
    return app.button(key="people_create").click().run()


def use_link(register: Register, link: str, password: str = SECRET) -> Person:
    """The invited person opens the link and sets the password."""
    site, code = link.split("/invite?code=")
    assert site == "http://localhost:8501"
    with register.write() as session:
        return invitations.accept(session, code, password, now=MONDAY)


LOGIN_RULE = "Từ 2 đến 64 ký tự: chữ không dấu, chữ số hoặc . _ - @"


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


def test_a_new_person_sets_the_password_by_a_link_shown_once(see: Open, sqlite_register: Register) -> None:
    app = add(see(person="new"), "Lê Mai Chi", "Mai.Chi ")
    assert not app.exception
    assert app.query_params == {}, "back on the list"
    told = app.success[0].value.replace("\\", "")
    assert told == "Đã tạo tài khoản của Lê Mai Chi; tên đăng nhập là mai.chi."
    link = app.code[0].value
    with pytest.raises(Invalid):
        sign_ins.sign_in(sqlite_register, "mai.chi", "", now=MONDAY)
    use_link(sqlite_register, link)
    assert sign_ins.sign_in(sqlite_register, "mai.chi", SECRET, now=MONDAY + timedelta(seconds=1))
    assert link not in said(app.run()), "shown once"


def test_no_form_of_an_administrator_takes_a_password(see: Open, sqlite_cast: Cast) -> None:
    for query in ({"person": "new"}, {"person": str(sqlite_cast.agent.id)}):
        app = see(**query)
        email = f"people_{sqlite_cast.agent.id}_email"
        known = {"search", "phone_search", "people_name", "people_login", email}
        assert {field.key for field in app.text_input} <= known


def test_a_wrong_form_keeps_what_was_typed_and_says_what_to_mend_per_field(
    see: Open, sqlite_register: Register
) -> None:
    app = see(person="new")
    assert LOGIN_RULE in said(app), "known before anything is refused"
    app = add(app, "Lê Mai Chi", "quan.tri", role="handler")
    assert not app.exception
    told = said(app)
    assert LOGIN_RULE not in told, "one sentence at a time"
    for sentence in ("Tên đăng nhập này đã có người dùng", "Chọn phòng ban mà người này phụ trách trả lời"):
        assert sentence in told, sentence
    assert app.text_input(key="people_name").value == "Lê Mai Chi"
    assert app.text_input(key="people_login").value == "quan.tri"
    with sqlite_register.read() as session:
        assert len(accounts.list_people(session)) == 1
    app = app.selectbox(key="people_new_department").set_value("payment").run()
    app = add(app, "Lê Mai Chi", "chi", role="handler")
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


def test_another_role_a_link_closed_and_open_again(see: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    person = sqlite_cast.agent
    app = see(person=str(person.id))
    assert app.title[0].value == "Agent Thử"
    app = app.selectbox(key=f"people_{person.id}_role").set_value("lead").run()
    app = app.button(key="people_save_role").click().run()
    assert account(sqlite_register, "agent").role == "lead"
    assert "trưởng nhóm CSKH" in app.success[0].value

    app = app.button(key="people_invite").click().run()
    assert "Liên kết dùng một lần còn hiệu lực đến 19/11/2026 09:00" in said(app)
    use_link(sqlite_register, app.code[0].value)
    assert sign_ins.sign_in(sqlite_register, "agent", SECRET, now=MONDAY)

    app = app.button(key="people_close").click().run()
    assert not account(sqlite_register, "agent").active
    with pytest.raises(Invalid):
        sign_ins.sign_in(sqlite_register, "agent", SECRET, now=MONDAY)
    app = app.button(key="people_open").click().run()
    assert not app.exception
    assert account(sqlite_register, "agent").active
    told = said(app)
    for line in (
        "tạo liên kết dùng một lần, bởi Quản Trị",
        "đổi mật khẩu",
        "đăng nhập",
        "mở lại tài khoản, bởi Quản Trị",
    ):
        assert line in told, line


def test_a_link_is_withdrawn_and_the_list_says_who_is_invited(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    person = sqlite_cast.agent
    app = see(person=str(person.id)).button(key="people_invite").click().run()
    link = app.code[0].value
    assert rows.texts(see(), str(person.id))[-2:] == ["đã mời", "liên kết đến 19/11 09:00"]
    app = app.button(key="people_revoke").click().run()
    assert "không còn dùng được" in app.success[0].value
    with pytest.raises(NotAllowed):
        use_link(sqlite_register, link)


def test_sessions_and_a_lost_second_factor_end_at_a_button(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    person = sqlite_cast.lead
    with sqlite_register.write() as session:
        accounts.change_password(session, person.id, SECRET, Act(None, MONDAY))
        secret = second_factor.offer(session, person.id, now=MONDAY)
        second_factor.turn_on(session, person.id, pyotp.TOTP(secret).at(MONDAY), Act(person, MONDAY))
        sign_ins.open_session(session, person.id, now=MONDAY)
    assert rows.texts(see(), str(person.id))[-2:] == ["đang dùng", "hai lớp"]
    app = see(person=str(person.id)).button(key="people_sign_out").click().run()
    assert "đăng xuất ở mọi nơi" in app.success[0].value
    app = app.button(key="people_reset_factor").click().run()
    assert "Xác thực hai lớp: tắt" in said(app)
    with sqlite_register.read() as session:
        assert not second_factor.is_on(session, person.id)
        assert sign_ins.open_sessions(session, person.id, None, now=MONDAY) == []


@pytest.mark.usefixtures("sqlite_cast")
def test_a_second_factor_is_demanded_by_role(see: Open, sqlite_register: Register) -> None:
    app = see()
    app = app.button_group(key="people_demanded").set_value(["lead", "admin"]).run()
    assert not app.exception
    assert "3 người chưa thiết lập" in said(app), "the lead and the two administrators"
    with sqlite_register.read() as session:
        assert second_factor.demanding_roles(session) == ("lead", "admin")
    app = see().button_group(key="people_demanded").set_value([]).run()
    with sqlite_register.read() as session:
        assert second_factor.demanding_roles(session) == ()


@pytest.mark.usefixtures("sqlite_cast")
def test_an_open_page_never_undoes_what_another_administrator_demanded(see: Open, sqlite_register: Register) -> None:
    def demanded() -> tuple[str, ...]:
        with sqlite_register.read() as session:
            return second_factor.demanding_roles(session)

    def click(app: AppTest, *chosen: str) -> AppTest:
        return app.button_group(key="people_demanded").set_value(list(chosen)).run()

    mine, other = see(), see()
    other = click(other, "lead")
    mine = mine.run()
    assert demanded() == ("lead",), "drawing a page again is no click"
    assert mine.button_group(key="people_demanded").value == ["lead"], "what the register says now"
    other = click(other, "lead", "admin")
    mine = click(mine, "lead", "admin")
    assert demanded() == ("lead", "admin"), "both clicked the same role"
    other = click(other, "admin")
    mine = click(mine, "lead", "admin", "agent")
    assert demanded() == ("agent", "admin"), "one role was clicked, and no other is touched"
    mine = click(mine, "admin")
    assert demanded() == ("admin",)
    assert mine.button_group(key="people_demanded").value == ["admin"]


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
