"""Khai thác dữ liệu: the rows of a figure, the columns asked for, and the link that takes exactly these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.commands import sample
from core.insight import facts, rows
from core.insight.slices import Slice
from core.papers.dictionary import known, usual
from core.register import rulebook
from core.register.case.complaints import log
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.calendar import local_day
from core.ui.analysis.explore import PAGE_ROWS
from tests.conftest import Cast
from tests.engines import MONDAY, STAFFED, Beginning
from tests.pages.screen import Screen, as_read, said

CODE = "KN-2026-000001"  # the first that was logged
Open = Callable[..., AppTest]


def fill(register: Register) -> None:
    """A complaint of a known customer, an overdue one and a sample."""
    now = MONDAY
    with register.write() as session:
        customer = CustomerDraft(name="Mai Thử", phone="0500 111 222")
        draft = Draft("hotline", now - timedelta(minutes=5), "Nạp rồi mà chưa có", "payment", customer=customer)
        log(session, draft, Act(None, now))
        log(session, Draft("email", now - timedelta(days=10), "Chưa ai trả lời", "login"), Act(None, now))
    sample.fill(register, 130, now, seed=1, force=True)


FULL = Beginning("a known customer, an overdue complaint and a sample", fill, STAFFED)


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return FULL if "explore" in request.fixturenames else beginning


@pytest.fixture
def explore(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the page as somebody (a lead), over what ``fill`` wrote."""

    def open_page(role: str = "lead", **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), now).open("explore", monkeypatch, **query)

    return open_page


def counted(register: Register, now: datetime, **query: str) -> int:
    return rows.count(facts.current(register), Slice.from_query(query, local_day(now)), now)


def asked(app: AppTest, name: str) -> str | None:
    """What the address says for ``name``."""
    value = app.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def turned_to(app: AppTest, page: int) -> AppTest:
    app.query_params["page"] = str(page)
    return app.run()


def links(app: AppTest) -> list[dict[str, list[str]]]:
    """The queries of the download links."""
    urls = [urlsplit(element.proto.url) for element in app.main.get("link_button")]
    assert all(url.path == "/export/complaints.csv" for url in urls)
    return [parse_qs(url.query) for url in urls]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"period": "year"},
        {"of": "open"},
        {"of": "open", "segment": "overdue"},
        {"category": "payment", "channel": "email,facebook"},
    ],
)
def test_the_headline_is_the_count_of_the_figure(
    explore: Open, sqlite_register: Register, now: datetime, query: dict[str, str]
) -> None:
    app = explore(**query)
    assert not app.exception
    n = counted(sqlite_register, now, **query)
    assert app.title[0].value == f"{n} hồ sơ"
    assert len(app.dataframe[0].value) == min(n, PAGE_ROWS)


def test_obligations_are_counted_as_obligations(explore: Open, sqlite_register: Register, now: datetime) -> None:
    query = {"of": "due", "verdict": "missed,overdue", "stage": "resolve", "period": "year"}
    app = explore(**query)
    n = counted(sqlite_register, now, **query)
    assert n > 0
    assert app.title[0].value.startswith(f"{n} cam kết của ")
    assert set(app.dataframe[0].value["verdict"]) <= {"Trễ hạn", "Quá hạn"}


CELLS = [
    # query, words, why
    (
        {"of": "due", "verdict": "missed", "stage": "resolve"},
        ["Trễ hạn", "Thông báo kết quả"],
        "a point of a control chart",
    ),
    ({"of": "due", "breach_reason": "overload", "period": "year"}, ["Quá tải"], "a bar of the reasons"),
    ({"of": "closed", "root_cause": "gateway_fault", "period": "year"}, ["Cổng thanh toán lỗi"], "a bar of the causes"),
    ({"weekday": "0", "hour": "9"}, ["thứ Hai", "từ 9:00 đến 10:00"], "a dot of weekday and hour"),
    ({"of": "open", "age": "7"}, ["7 ngày"], "a bar of the ages"),
    ({"of": "due", "first": "1", "stopped": "1"}, ["cam kết đầu tiên", "đã thực hiện"], "first cycles that were kept"),
]


@pytest.mark.parametrize(("query", "wanted", "why"), CELLS, ids=[row[-1] for row in CELLS])
def test_the_cell_of_a_figure_is_said_and_can_be_left(
    explore: Open, query: dict[str, str], wanted: list[str], why: str
) -> None:
    app = explore(**query)
    for word in wanted:
        assert word in said(app).replace("\\", ""), why
    app.button(key="explore_all").click().run()
    assert not {"verdict", "stage", "breach_reason", "root_cause", "weekday", "hour", "age", "first"} & set(
        app.query_params
    )
    assert asked(app, "of") == query.get("of"), "what the period applies to stays"
    assert not [button for button in app.button if button.key == "explore_all"]


def test_another_kind_of_rows_leaves_the_cell_and_the_page(explore: Open) -> None:
    app = turned_to(explore(of="due", verdict="met", period="year"), 2)
    app.segmented_control(key="explore_of").set_value("closed").run()
    assert asked(app, "of") == "closed"
    assert "verdict" not in app.query_params
    assert "page" not in app.query_params


def test_another_filter_begins_at_the_first_page(explore: Open) -> None:
    app = turned_to(explore(period="year"), 2)
    app.multiselect(key="filter_kind").set_value(["complaint"]).run()
    assert asked(app, "kind") == "complaint"
    assert "page" not in app.query_params
    app = turned_to(explore(period="year"), 2)
    app.segmented_control(key="filter_period").set_value("quarter").run()
    assert "page" not in app.query_params


def test_pages_follow_one_another(explore: Open) -> None:
    app = explore(period="year")
    first = app.dataframe[0].value
    second = turned_to(app, 2).dataframe[0].value
    assert len(first) == PAGE_ROWS
    assert not set(first["code"]) & set(second["code"])
    assert first["recorded_at"].min() >= second["recorded_at"].max(), "the latest first"
    assert f"{PAGE_ROWS + 1}–{2 * PAGE_ROWS}" in said(app).replace(" đến ", "–")


def test_columns_and_their_meaning(explore: Open) -> None:
    app = explore(columns="phone,code,nonsense")
    assert list(app.dataframe[0].value.columns) == ["phone", "code"]
    assert "Số điện thoại khách hàng cung cấp" in said(app)
    app.multiselect(key="explore_columns").set_value(["code", "state"]).run()
    assert asked(app, "columns") == "code,state"
    assert list(app.dataframe[0].value.columns) == ["code", "state"]


ANY_COLUMNS = [
    # of, columns chosen one after another, why
    ("recorded", [["root_cause", "code", "phone"]], "an order of one's own"),
    ("recorded", [["state"]], "one alone"),
    ("recorded", [[*known(obligations=False)]], "all of them"),
    ("recorded", [[*reversed(known(obligations=False))]], "all of them, the last first"),
    ("due", [[*known(obligations=True)]], "all of obligations"),
    ("due", [["verdict"], ["verdict", "code"]], "another one is added behind"),
]


@pytest.mark.parametrize(("of", "chosen", "why"), ANY_COLUMNS, ids=[row[-1] for row in ANY_COLUMNS])
def test_any_choice_of_columns(explore: Open, of: str, chosen: list[list[str]], why: str) -> None:
    app = explore(of=of, period="year")
    for columns in chosen:
        app.multiselect(key="explore_columns").set_value(columns).run()
        assert not app.exception
        assert asked(app, "columns") == ",".join(columns), why
        assert list(app.dataframe[0].value.columns) == columns, why
        assert links(app)[0]["columns"] == [",".join(columns)], "the file has them in the same order"
    again = explore(of=of, period="year", columns=",".join(chosen[-1]))
    assert again.multiselect(key="explore_columns").value == chosen[-1]
    assert list(again.dataframe[0].value.columns) == chosen[-1], "the address says all of it"


@pytest.mark.parametrize("columns", ["code", "", ",", "nonsense"])
def test_no_column_at_all_shows_the_usual_ones(explore: Open, columns: str) -> None:
    app = explore(period="year", columns=columns)
    if columns == "code":
        app.multiselect(key="explore_columns").set_value([]).run()
    assert not app.exception
    assert list(app.dataframe[0].value.columns) == [*usual(obligations=False)]
    assert "columns" not in links(app)[0]


def test_the_same_names_for_ever_and_the_dictionary_are_on_the_screen(explore: Open) -> None:
    app = explore(period="year")
    named = [as_read(element.proto.label) for element in app.main.get("link_button")]
    assert named[2:] == ["CSV với tên cột cố định", "Về tệp này: bộ lọc, thời điểm, các cột", "Mọi cột và ý nghĩa"]


@pytest.mark.parametrize("of", ["recorded", "due"])
@pytest.mark.parametrize("columns", ["code,sent_at", "code,reopened", "sent_at", "reopened,sent_at"])
def test_columns_of_the_register_without_any_text_among_them(explore: Open, of: str, columns: str) -> None:
    app = explore(of=of, columns=columns, period="year")
    assert not app.exception
    assert list(app.dataframe[0].value.columns) == columns.split(",")


def test_the_link_takes_exactly_these_rows_and_columns(explore: Open) -> None:
    query = {"of": "due", "verdict": "missed", "category": "payment,login", "period": "year"}
    plain, excel, keys, about, every = links(explore(columns="code,verdict", **query))
    assert plain == {name: [value] for name, value in ({"columns": "code,verdict"} | query).items()} | {
        "category": ["login,payment"]
    }
    assert excel == plain | {"dialect": ["excel"]}
    assert keys == plain | {"headers": ["key"]}
    assert about == plain | {"about": ["1"]}
    assert every.keys() == plain.keys() | {"about"}
    assert set(every["columns"][0].split(",")) > {"code", "verdict", "counted", "verdict_before"}


def test_the_usual_columns_need_no_word_in_the_link(explore: Open) -> None:
    usual_ones = links(explore())
    assert usual_ones[:4] == [{}, {"dialect": ["excel"]}, {"headers": ["key"]}, {"about": ["1"]}]


@pytest.mark.parametrize(("role", "phone"), [("lead", "0500 111 222"), ("manager", "••• 222"), ("analyst", "••• 222")])
def test_personal_data_as_far_as_the_role_sees_it(explore: Open, role: str, phone: str) -> None:
    table = explore(role, of="open", columns="code,phone").dataframe[0].value.set_index("code")
    assert table.loc[CODE, "phone"] == phone


@pytest.mark.parametrize("role", ["agent", "handler"])
def test_who_may_not_open_it_is_told_so(explore: Open, role: str) -> None:
    app = explore(role)
    assert len(app.error) == 1
    assert not app.dataframe


def test_nothing_fits(explore: Open) -> None:
    app = explore(period="custom", **{"from": "2015-01-01", "to": "2015-01-02"})
    assert app.title[0].value == "0 hồ sơ"
    assert not app.dataframe
    assert not app.main.get("link_button")


def test_an_empty_register(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen(sqlite_register, sqlite_cast.lead, now).open("explore", monkeypatch)
    assert not app.exception
    assert not app.dataframe


def test_the_choices_of_the_chosen_category_are_a_filter(
    explore: Open, sqlite_register: Register, now: datetime
) -> None:
    assert "filter_field_method" not in {one.key for one in explore().multiselect}, "no category is chosen"
    app = explore(category="payment", period="year")
    method = app.multiselect(key="filter_field_method")
    assert method.label == "Hình thức thanh toán", "as this category names it, not the others that have such a key"
    assert "Ví MoMo" in method.options and "chưa biết" in method.options and "Google" not in method.options
    app = method.set_value(["momo"]).run()
    assert asked(app, "field_method") == "momo"
    n = counted(sqlite_register, now, category="payment", period="year", field_method="momo")
    assert 0 < n < counted(sqlite_register, now, category="payment", period="year")
    assert app.title[0].value == f"{n} hồ sơ"
    assert as_read(app.button(key="chip_field_method").label) == "Hình thức thanh toán: Ví MoMo"
    assert links(app)[0] == {"category": ["payment"], "period": ["year"], "field_method": ["momo"]}
    app = app.multiselect(key="filter_category").set_value(["content"]).run()
    assert asked(app, "field_method") is None, "another category has no such field: its filter would leave nothing"
    assert app.title[0].value == f"{counted(sqlite_register, now, category='content', period='year')} hồ sơ"


def test_a_filter_of_the_address_is_shown_without_its_category_and_reset(explore: Open) -> None:
    app = explore(field_method="momo,google", period="year")
    assert app.multiselect(key="filter_field_method").label == "Cách đăng nhập / Hình thức thanh toán"
    assert app.multiselect(key="filter_field_method").value == ["google", "momo"]
    app = app.button(key="filter_reset").click().run()
    assert asked(app, "field_method") is None


COLUMNS_OF = [
    # query, what follows the usual columns, why
    ({"category": "payment"}, ["field_transaction", "field_amount", "field_time", "field_method"], "one category"),
    ({"category": "payment", "of": "due"}, ["field_transaction", "field_amount", "field_time", "field_method"], "due"),
    ({"category": "payment,login"}, [], "of two categories each row would have half of them empty"),
    ({}, [], "of all categories"),
    ({"category": "other"}, [], "one that asks for nothing"),
]


@pytest.mark.parametrize(("query", "columns", "why"), COLUMNS_OF, ids=[row[2] for row in COLUMNS_OF])
def test_rows_of_one_category_show_what_it_must_know(
    explore: Open, query: dict[str, str], columns: list[str], why: str
) -> None:
    app = explore(period="year", **query)
    shown = list(app.dataframe[0].value.columns)
    assert shown == [*usual(obligations="of" in query), *columns], why
    assert "columns" not in links(app)[0], "the file has the same by itself"


def test_an_analyst_says_how_many_users_there_were(explore: Open, sqlite_register: Register) -> None:
    app = explore("analyst")
    assert "Người dùng và đơn hàng" in said(app)
    app = app.file_uploader[0].upload("users.csv", b"period,users\n2026-10,120000\n").run()
    assert "1 tháng thay đổi" in said(app) and "người dùng đang hoạt động, 2026-10 :gray[– → 120.000]" in said(app)
    with sqlite_register.read() as session:
        assert rulebook.exposure(session) == (), "nothing is written before it was looked at"
    app = app.button(key="exposure_import").click().run()
    assert not app.exception and "Đã nhập số người dùng và đơn hàng." in said(app)
    with sqlite_register.read() as session:
        assert [one[1:] for one in rulebook.exposure(session)] == [(date(2026, 10, 1), 120_000)]


def test_only_who_may_says_how_many_users_there_were(explore: Open) -> None:
    shown = {role: "Người dùng và đơn hàng" in said(explore(role)) for role in ("lead", "manager", "analyst", "admin")}
    assert shown == {"lead": False, "manager": False, "analyst": True, "admin": True}
