"""Kết quả tìm kiếm: all that fits and only what the role may see, without a word of it in the address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.reads import search
from core.rules.roles import ROLES
from core.ui import results
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages import rows
from tests.pages.screen import Open, Screen, said

COUNT = 30
AN = CustomerDraft(name="Đặng Thị Ân", phone="0912 345 678")


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    """Thirty complaints of one customer, the highest number received last; the first has a text of its own."""
    texts = ["Ứng dụng đứng hình khi mở chương *mới* :material/home:"] + [
        f"Nạp Stars lần {n}" for n in range(2, COUNT + 1)
    ]
    drafts = [
        Draft("hotline", MONDAY - timedelta(hours=COUNT - n), text, "payment", customer=AN)
        for n, text in enumerate(texts)
    ]
    with sqlite_register.write() as session:
        complaints.write_histories(session, [(draft, ()) for draft in drafts], Act(None, MONDAY))
    return sqlite_register


@pytest.fixture
def see(filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the page as one of the cast."""

    def open_page(who: str = "agent", **query: str) -> AppTest:
        return Screen(filled, getattr(sqlite_cast, who), MONDAY).open("search", monkeypatch, **query)

    return open_page


def ask(app: AppTest, typed: str) -> AppTest:
    app = app.text_input(key=results.FIELD).set_value(typed).run()
    assert not app.exception
    assert typed not in str(app.query_params)
    return app


def numbers(app: AppTest) -> list[int]:
    return [int(key[-6:]) for key in rows.keys(app)]


def test_nothing_typed_says_what_can_be(see: Open) -> None:
    app = see()
    assert app.title[0].value == "Tìm hồ sơ"
    assert "sáu số cuối" in said(app)
    assert not app.main.get("bidi_component")


def test_all_that_fits_a_page_at_a_time_and_the_page_is_in_the_address(see: Open) -> None:
    app = ask(see(), "345678")
    assert app.title[0].value == "30 hồ sơ khớp"
    assert numbers(app) == list(range(30, 5, -1))
    assert "Dòng 1–25 trong 30" in said(app)
    app.query_params["page"] = "2"
    app = app.run()
    assert numbers(app) == list(range(5, 0, -1))
    app = ask(app, "stars")
    assert app.query_params == {}, "another question begins at its first page"
    assert numbers(app) == list(range(30, 5, -1))


def test_a_page_that_the_list_does_not_have_is_its_last(see: Open) -> None:
    assert numbers(ask(see(page="2"), "345678")) == list(range(30, 5, -1))
    app = see()
    app.session_state[results.WORDS] = "345678"
    app.query_params["page"] = "40"
    assert numbers(app.run()) == list(range(5, 0, -1))


def test_a_hit_names_person_and_text_with_the_words_marked(see: Open) -> None:
    app = ask(see(), "dung hinh!")
    code, received, customer, text, category = rows.drawn(app)["rows"][0]["cells"]
    assert (code["text"], code["below"]) == ("KN-2026-000001", "")
    assert received["text"] == "15/11/2026"
    assert (customer["text"], customer["below"]) == ("Đặng Thị Ân", "0912 345 678")
    assert text["text"] == "Ứng dụng đứng hình khi mở chương *mới* :material/home:", "text of others is text"
    assert [text["text"][first:end] for first, end in text["marks"]] == ["dụng", "đứng", "hình"]
    assert category["text"] == "Thanh toán POPS Stars / Tắt quảng cáo"
    marked = rows.drawn(ask(app, "dang thi"))["rows"][0]["cells"][2]
    assert [marked["text"][first:end] for first, end in marked["marks"]] == ["Đặng", "Thị"]


def test_code_and_contact_say_how_they_were_found(see: Open) -> None:
    app = ask(see(), "kn 2026/3")
    assert rows.texts(app, "KN-2026-000003")[:2] == ["KN-2026-000003", "khớp mã"]
    assert rows.texts(ask(app, "345678"), "KN-2026-000030")[:2] == ["KN-2026-000030", "khớp liên hệ"]


def test_nothing_that_fits_says_what_to_do(see: Open) -> None:
    app = ask(see(), "khung long")
    assert app.title[0].value == "Không có hồ sơ nào khớp"
    assert "kiểm tra chính tả" in said(app)


def test_more_than_are_listed_is_said(see: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LISTED", 26)
    monkeypatch.setattr(results, "LISTED", 26)
    app = ask(see(), "345678")
    assert app.title[0].value == "Hơn 26 hồ sơ khớp"
    assert "Dòng 1–25 trong 26" in said(app)
    assert "26 hồ sơ mới nhất" in said(app)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_finds_what_it_may_see(see: Open, role: str) -> None:
    by_phone, by_code = ask(see(role), "0912345678"), ask(see(role), "3")
    if role in ("agent", "lead"):
        assert numbers(by_phone)[0] == 30
        assert len(rows.drawn(by_code)["columns"]) == 5
    elif role in ("handler", "reporter"):
        assert by_phone.title[0].value == by_code.title[0].value == "Không có hồ sơ nào khớp"
    else:
        assert by_phone.title[0].value == "Không có hồ sơ nào khớp"
        assert numbers(by_code) == [3]
        assert len(rows.drawn(by_code)["columns"]) == 3
        assert "Ân" not in str(rows.drawn(by_code)) and "Stars lần" not in str(rows.drawn(by_code))
        assert "theo mã" in said(by_code)


@pytest.mark.parametrize(
    ("typed", "leads_to", "listed", "why"),
    [
        ("kn-2026-4", "complaint?code=KN-2026-000004", 0, "an exact code opens at once"),
        ("dung hinh", None, 1, "a few are shown over the page"),
        ("345678", "search", 0, "more than a dialog holds are shown on their page"),
        ("khung long", None, 0, "nothing"),
    ],
)
def test_the_box_leads_to_the_page(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch,
    typed: str, leads_to: str | None, listed: int, why: str,
) -> None:  # fmt: skip
    app = Screen(filled, sqlite_cast.agent, MONDAY).open("queue", monkeypatch)
    app = app.text_input(key="search").set_value(typed).run()
    assert rows.gone(app) == leads_to, why
    links = [link.proto.label for link in app.get("page_link")]
    assert len([label for label in links if "KN" in label]) == listed
    assert ("Xem tất cả kết quả" in links) is (leads_to is None)
    if leads_to != "complaint?code=KN-2026-000004":
        assert app.session_state[results.WORDS] == typed


def test_the_box_over_the_page_shows_its_results_there(see: Open) -> None:
    app = see().text_input(key="search").set_value("dung hinh").run()
    assert numbers(app) == [1]
    assert rows.gone(app) == "search", "at its first page"
    assert app.text_input(key=results.FIELD).value == "dung hinh"
