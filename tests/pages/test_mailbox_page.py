"""A mailbox on the page of connections: set up, tried, switched on (D43)."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.register.log.database import Register
from core.register.messages import outlets
from core.rules.messages import IMAP
from tests.conftest import Cast
from tests.dovecot import PASSWORD, Mailbox, Server
from tests.engines import MONDAY
from tests.pages.screen import Screen, said
from tests.register.mail.test_mailbox import a_mail


@pytest.fixture(scope="module")
def box(mail_server: Server) -> Mailbox:
    return mail_server.mailbox("trang")


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = Screen(sqlite_register, sqlite_cast.admin, MONDAY).open("outlets", monkeypatch, outlet="new")
    return app.selectbox(key="outlet_kind").set_value(IMAP).run()


def filled(app: AppTest, box: Mailbox, password: str) -> AppTest:
    app.text_input(key="outlet_server").set_value("127.0.0.1")
    app.text_input(key="outlet_port").set_value(str(box.port))
    app.selectbox(key="outlet_tls").set_value("none")
    app.text_input(key="outlet_imap_user").set_value(box.user)
    app.selectbox(key="outlet_category").set_value("payment")
    app.text_input(key="outlet_secret").set_value(password)
    return app.button(key="outlet_save").click().run()


def test_a_mailbox_is_set_up_and_tried(form: AppTest, sqlite_register: Register, box: Mailbox) -> None:
    box.receive(a_mail(1))
    app = filled(form, box, PASSWORD)
    assert not app.exception
    with sqlite_register.read() as session:
        (one,) = outlets.listed(session)
    assert (one.kind, one.is_on, one.values["category"], one.values["folder"]) == (IMAP, False, "payment", "INBOX")
    assert f"trang · 127.0.0.1:{box.port} · INBOX" in said(app)
    assert "Chưa đọc lần nào" in said(app)
    assert app.button(key="outlets_try_1").label == "Đọc thử", "a mailbox sends nothing"
    app = app.button(key="outlets_try_1").click().run()
    assert "Đọc được hộp thư: có 1 thư mới." in said(app)
    assert "outlet_secret" not in app.session_state, "the password is kept on no screen"


def test_a_wrong_password_says_what_to_look_at(form: AppTest, box: Mailbox) -> None:
    app = filled(form, box, "sai")
    app = app.button(key="outlets_try_1").click().run()
    assert "từ chối hộp thư “trang”: kiểm tra tên đăng nhập, mật khẩu và thư mục" in said(app)


def test_what_is_missing_is_said_at_its_field(form: AppTest) -> None:
    app = form.button(key="outlet_save").click().run()
    text = said(app)
    assert text.count("Điền mục này") == 2, "server and user name"
    assert "Hãy chọn khiếu nại thuộc nhóm nào." in text
