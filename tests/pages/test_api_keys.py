"""Khóa API: an administrator makes a key, sees it once, and revokes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register.api import keys
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import ApiKey
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages.screen import Open, Screen, said
from tests.register.api.given import SITE, made


@pytest.fixture
def see(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the page as somebody, the administrator unless another role is said."""

    def open_keys(role: str = "admin") -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), MONDAY).open("api_keys", monkeypatch)

    return open_keys


def fill(app: AppTest, name: str = "Ứng dụng POPS", channel: str | None = "app_ios") -> AppTest:
    app.text_input(key="api_keys_name").set_value(name)
    if channel:
        app.selectbox(key="api_keys_channel").set_value(channel)
    return app


def make(app: AppTest) -> AppTest:
    return app.button(key="api_keys_make").click().run()


def known(register: Register, key: str) -> keys.Key | None:
    with register.read() as session:
        return keys.recognise(session, key)


def test_without_a_key_the_page_says_what_that_means(see: Open) -> None:
    app = see()
    assert not app.exception
    assert "Chưa có khóa nào" in said(app)


def test_a_key_is_shown_until_it_was_kept_and_never_again(see: Open, sqlite_register: Register) -> None:
    app = make(fill(see()))
    assert not app.exception
    key = app.code[0].value
    found = known(sqlite_register, key)
    assert found is not None and (found.channel, found.scopes) == ("app_ios", keys.SCOPES)
    assert "Đã tạo khóa của Ứng dụng POPS." in said(app)
    assert app.run().code[0].value == key, "drawing the page again takes it from nobody"
    app = app.button(key="api_keys_kept").click().run()
    assert not app.code and key not in said(app)
    assert "Ứng dụng POPS" in said(app) and "Admin Thử tạo lúc 16/11 09:00 · chưa dùng lần nào" in said(app)
    assert app.text_input(key="api_keys_name").value == ""


def test_a_key_of_a_site_comes_with_what_its_page_needs(see: Open, sqlite_register: Register) -> None:
    app = fill(see(), "Trang web", "web")
    app = app.segmented_control(key="api_keys_use").set_value("site").run()
    app.text_area(key="api_keys_origins").set_value(f"{SITE}\nhttps://other.example/")
    app = make(app)
    key, embed = app.code[0].value, app.code[1].value
    assert embed == f'<script src="http://localhost:8501/api/v1/form.js" data-key="{key}" async></script>'
    found = known(sqlite_register, key)
    assert found is not None and (found.scopes, found.origins) == (("create",), (SITE, "https://other.example"))


@pytest.mark.parametrize(
    ("name", "channel", "sites", "wanted"),
    [
        (" ", "app_ios", None, "Hãy ghi chương trình hoặc trang web nào dùng khóa này."),
        ("App", None, None, "Hãy chọn kênh mà khiếu nại gửi bằng khóa này thuộc về."),
        ("Web", "web", "", "Hãy ghi mỗi trang web theo dạng"),
        ("Web", "web", "pops.example", "Hãy ghi mỗi trang web theo dạng"),
    ],
)
def test_what_must_be_mended_stands_at_its_field(
    see: Open, sqlite_register: Register, name: str, channel: str | None, sites: str | None, wanted: str
) -> None:
    app = fill(see(), name, channel)
    if sites is not None:
        app = app.segmented_control(key="api_keys_use").set_value("site").run()
        app.text_area(key="api_keys_origins").set_value(sites)
    app = make(app)
    assert wanted in said(app)
    with sqlite_register.read() as session:
        assert keys.every(session) == []


def test_a_key_is_revoked(see: Open, sqlite_register: Register) -> None:
    key_id, key = made(sqlite_register)
    with sqlite_register.write() as session:
        keys.check_in_use(session, [key_id], MONDAY - timedelta(days=1))
    app = see()
    assert "dùng gần nhất 15/11 09:00" in said(app)
    app = app.button(key=f"api_keys_revoke_{key_id}").click().run()
    assert "Đã thu hồi khóa của Ứng dụng POPS." in said(app) and "thu hồi lúc 16/11/2026 09:00" in said(app)
    assert known(sqlite_register, key) is None
    assert f"api_keys_revoke_{key_id}" not in {button.key for button in app.button}


def test_two_administrators_revoke_it_once(see: Open, sqlite_register: Register) -> None:
    key_id, _key = made(sqlite_register)
    app = see()
    with sqlite_register.write() as session:
        keys.revoke(session, key_id, Act(None, MONDAY))
    app = app.button(key=f"api_keys_revoke_{key_id}").click().run()
    assert "thu hồi lúc 16/11/2026 09:00" in said(app)
    with sqlite_register.read() as session:
        assert session.scalar(select(ApiKey.revoked_by)) is None, "by the register, as it was first"


def test_nobody_else_sees_the_page(see: Open) -> None:
    for role in ("agent", "lead", "manager", "analyst", "handler", "reporter"):
        assert "Tạo khóa" not in said(see(role))
