"""Kết nối ra ngoài, Vận hành, and what somebody gets by message on Tài khoản and Con người (D42)."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import LANGUAGES
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.messages import choices, outbox, outlets, senders
from core.register.messages.outbox import Failure
from core.rules.messages import FILE, GROUPS, IMAP, OUTLETS, SMTP, WEBHOOK, Choice, State
from core.ui.outlets import form, words
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.local_time import at
from tests.pages.screen import Open, Screen, said
from tests.register.cases import advanced, logged, take
from tests.register.messages.sent import SECRET, Clock, Post, give_addresses, rows, use, worker

NOON = at("2026-11-16 11:00")


@pytest.fixture
def open_page(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Open:
    """``open_page(page, role, **query)``."""

    def opened(page: str = "outlets", /, role: str = "admin", **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), NOON).open(page, monkeypatch, **query)

    return opened


def there(register: Register) -> list[outlets.Configured]:
    with register.read() as session:
        return outlets.listed(session)


def test_without_a_connection_the_page_says_that_nothing_leaves(open_page: Open) -> None:
    app = open_page()
    assert not app.exception
    assert app.title[0].value == "Kết nối ra ngoài"
    assert "không tin nào rời khỏi máy này" in said(app)


@pytest.mark.parametrize("page", ["outlets", "operations"])
@pytest.mark.parametrize("role", ["agent", "lead", "manager", "handler", "analyst", "reporter"])
def test_it_is_the_administrators(open_page: Open, page: str, role: str) -> None:
    app = open_page(page, role)
    assert "không thuộc vai trò của bạn" in said(app)
    assert app.main.title == []


def test_a_mail_server_is_set_up_tried_and_switched_on(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    app = open_page(outlet="new")
    app.text_input(key="outlet_server").set_value("smtp.pops.example")
    app.text_input(key="outlet_sender").set_value("so pops")
    app.text_input(key="outlet_user").set_value("so")
    app = app.button(key="outlet_save").click().run()
    assert "Nhập một địa chỉ email" in said(app)
    assert "Nhập mật khẩu của tên đăng nhập này" in said(app)
    assert app.text_input(key="outlet_server").value == "smtp.pops.example", "what was typed is still there"
    app.text_input(key="outlet_sender").set_value("so@pops.example")
    app.text_input(key="outlet_secret").set_value("mật khẩu")
    app = app.button(key="outlet_save").click().run()
    assert not app.exception
    (one,) = there(sqlite_register)
    assert (one.kind, one.is_on, one.has_secret, one.values["tls"]) == (SMTP, False, True, "starttls")
    assert "outlet_secret" not in app.session_state, "the secret is kept on no screen"
    app = app.button(key="outlets_try_1").click().run()
    assert "Hãy nhập địa chỉ email của bạn ở trang Tài khoản trước" in said(app)
    give_addresses(sqlite_register, sqlite_cast)
    app = app.button(key="outlets_try_1").click().run()
    assert "Đang gửi một tin thử" in said(app)
    post = Post(failure=Failure("wrong password"))
    worker(sqlite_register, Clock(NOON), post).round()
    app = app.run()
    assert "Tên đăng nhập hoặc mật khẩu bị từ chối." in said(app)
    app = app.button(key="outlets_switch_1").click().run()
    assert there(sqlite_register)[0].is_on
    assert "Đã bật Máy chủ thư." in said(app)


def test_a_connection_is_changed_and_removed(open_page: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    use(sqlite_register, sqlite_cast.admin, WEBHOOK)
    app = open_page(outlet="1")
    assert app.text_input(key="outlet_secret").value == "", "a secret is never shown"
    app.text_input(key="outlet_url").set_value("https://chat.example/new")
    app = app.button(key="outlet_save").click().run()
    (one,) = there(sqlite_register)
    assert one.values["url"] == "https://chat.example/new"
    with sqlite_register.read() as session:
        assert outlets.secret_of(session, 1) == SECRET
    app = open_page(outlet="1")
    app = app.checkbox(key="outlet_sure").check().run()
    app = app.button(key="outlet_remove").click().run()
    assert there(sqlite_register) == []
    assert "Đã gỡ bỏ Webhook." in said(app)


def test_what_was_not_surely_sent_is_listed_and_sent_again(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    use(sqlite_register, sqlite_cast.admin, FILE)
    advanced(sqlite_register, sqlite_cast, 3)
    post = Post(failure=Failure("no answer", is_unsure=True))
    worker(sqlite_register, Clock(NOON), post).round()
    assert rows(sqlite_register)[0].state == State.UNSURE
    app = open_page()
    assert "Handler Thử** qua File" in said(app)
    assert "có thể đã đến" in said(app)
    app = app.button(key=f"outlets_resend_{rows(sqlite_register)[0].id}").click().run()
    assert rows(sqlite_register)[0].state == State.WAITING
    assert "có thể đã đến" not in said(app)


def test_the_forecast_counts_what_people_would_have_got(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    case = advanced(sqlite_register, sqlite_cast, 3)
    take(sqlite_register, "answer", case, sqlite_cast.handler, NOON, text="Đã hoàn")
    before = rows(sqlite_register)
    app = open_page()
    told = said(app)
    assert "**2** tin cho **2** người, trong đó **2**" in told.replace("trong đó 2 người", "trong đó **2**")
    assert rows(sqlite_register) == before == []


def test_defaults_of_a_role_are_set(open_page: Open, sqlite_register: Register) -> None:
    app = open_page()
    app = app.selectbox(key="outlets_role").select("agent").run()
    app = app.selectbox(key="outlets_default.agent.asked").select("off").run()
    app = app.button(key="outlets_defaults").click().run()
    with sqlite_register.read() as session:
        assert choices.of_role(session, "agent")["asked"] is Choice.OFF


def test_one_chooses_on_ones_account(open_page: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    app = open_page("account", "agent")
    assert "Chưa có máy chủ thư" in said(app)
    app = app.text_input(key="account_email").set_value("không phải").run()
    app = app.button(key="account_save_email").click().run()
    assert "Nhập một địa chỉ email" in said(app)
    app = app.text_input(key="account_email").set_value("lan@pops.example").run()
    app = app.button(key="account_save_email").click().run()
    app = app.selectbox(key="account_messages.deadlines").select("off").run()
    app = app.button(key="account_save_messages").click().run()
    assert "Đã lưu lựa chọn của bạn." in said(app)
    with sqlite_register.read() as session:
        from core.register.people import accounts

        person = accounts.get(session, sqlite_cast.agent.id)
        assert person.email == "lan@pops.example"
        assert choices.of_person(session, person)["deadlines"] is Choice.OFF


def test_an_administrator_types_somebodys_address(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    id = sqlite_cast.agent.id
    app = open_page("people", person=str(id))
    app = app.text_input(key=f"people_{id}_email").set_value("lan@pops.example").run()
    app = app.button(key="people_save_email").click().run()
    with sqlite_register.read() as session:
        from core.register.people import accounts

        assert accounts.get(session, id).email == "lan@pops.example"


def test_operations_say_whether_a_worker_runs(open_page: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    assert "Chưa có tiến trình nhắc việc nào chạy" in said(open_page("operations"))
    use(sqlite_register, sqlite_cast.admin, FILE)
    logged(sqlite_register, sqlite_cast)
    with sqlite_register.write() as session:
        outbox.try_out(session, 1, Act(sqlite_cast.admin, MONDAY))
    worker(sqlite_register, Clock(NOON), Post()).round()
    told = said(open_page("operations"))
    assert "Tiến trình" in told and "lần cuối thấy lúc 16/11/2026 11:00" in told
    assert "đã gửi" in told
    assert "không ai được nhắc" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_has_its_sentence(language: str) -> None:
    from core import i18n

    i18n.use(language)
    for name in senders.FAILURES:
        assert words.failure(f"{name} 550" if name == "refused" else name) != words.failure("unheard of")
    assert set(words.STATES) == set(State)
    assert set(words.GROUPS) == set(GROUPS)
    assert set(words.CHOICES) == set(Choice)
    assert words.failure("refused 550").count("550") == 1
    assert set(words.KINDS) == set(form.FIELDS) == set(OUTLETS) == {*senders.WAYS, IMAP}
