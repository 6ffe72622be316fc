"""Hàng đợi: what each role sees and may do with many rows, and that the address says what is on the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core import catalogues, shipped
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, Person
from core.register.organisation import answer_texts
from core.register.people import absences
from core.register.people.absences import Absence
from core.register.people.accounts import set_language
from core.register.reads import answer_fields, queue
from core.rules.calendar import local_day
from core.rules.roles import ROLES, may_open
from core.ui.queue import table, whole
from core.ui.queue import view as queue_view
from core.ui.queue.actions import TABLE
from tests.conftest import Cast
from tests.engines import Beginning
from tests.local_time import at
from tests.pages import rows
from tests.pages.screen import Open, Screen, said
from tests.register.cases import logged
from tests.register.reads.queue_cases import NOW, QUEUE

FIRST = "KN-2026-000001"


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return QUEUE if "filled" in request.fixturenames else beginning


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    """The register with the complaints of ``CASES``."""
    return sqlite_register


@pytest.fixture
def see(filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the queue as one of the cast, at an address; without another word with all its complaints."""

    def open_queue(who: str = "agent", **query: str) -> AppTest:
        query.setdefault("segment", "all")
        return Screen(filled, getattr(sqlite_cast, who), NOW).open("queue", monkeypatch, **query)

    return open_queue


def segments(app: AppTest) -> list[str]:
    return list(app.segmented_control(key="queue_segment").options)


def asks(app: AppTest) -> set[str]:
    """The keys of the buttons that act on ticked rows."""
    known = {"queue_take", "queue_assign", "queue_acknowledge"}
    return {str(button.key) for button in app.button} & known


def states(register: Register, by: Person) -> dict[str, tuple[str, str | None]]:
    """Code → state and who has it, of every open complaint."""
    with register.read() as session:
        return {line.code: (line.state, line.assignee) for line in queue.page(session, "all", by=by, now=NOW)}


def test_the_title_is_the_finding_and_the_first_row_is_due_first(see: Open) -> None:
    app = see()
    assert not app.exception
    assert app.title[0].value == "2 hồ sơ quá hạn, 1 đến hạn hôm nay"
    assert segments(app) == [
        "Của tôi 2", "Chưa ai nhận 5", "Chưa tiếp nhận 2", "Hôm nay 1", "Quá hạn 2",
        "Chờ khách 1", "Hỏi lại 1", "Chờ phòng ban 2", "Chờ đóng 1", "Chưa nêu lý do 2", "Tất cả 7",
    ]  # fmt: skip
    assert rows.texts(app, FIRST) == [
        FIRST, "quá hạn 1 ngày làm việc", "T4 18/11 17:30", "Khiếu nại số 1",
        "Thanh toán POPS Stars / Tắt quảng cáo", "Hotline", "Chưa tiếp nhận", "chưa có ai",
    ]  # fmt: skip
    left = rows.drawn(app)["rows"][0]["cells"][1]
    assert (left["tone"], left["spoken"], left["bar"]) == ("overdue", "quá hạn", 1.0), (
        "a shape and a word, never colour alone"
    )


@pytest.mark.parametrize(
    ("level", "shown"),
    [("serious", "Nghiêm trọng"), (None, "")],
    ids=["by its name, not its key", "an organisation without levels"],
)
def test_the_level_is_named_beneath_the_code(
    filled: Register, sqlite_cast: Cast, level: str | None, shown: str
) -> None:
    with filled.read() as session:
        line = queue.page(session, "all", by=sqlite_cast.agent, now=NOW)[0]
    catalogues.use(shipped.catalogues("misa"))
    (row,) = table.rows([replace(line, level=level)], NOW, sees_personal_data=True)
    assert (row.cells[0].text, row.cells[0].below) == (FIRST, shown)


def test_a_department_that_is_waited_for_is_named_in_its_row(see: Open) -> None:
    assert rows.texts(see(), "KN-2026-000003")[-2:] == ["Chờ phòng ban", "Phòng Thanh toán"]


@pytest.mark.parametrize("role", ROLES)
def test_only_the_roles_of_the_queue_see_it(see: Open, role: str) -> None:
    app = see(role)
    assert not app.exception
    assert bool(app.main.get("bidi_component")) == may_open(role, "queue")
    if not may_open(role, "queue"):
        assert app.error[0].value == "Trang này không thuộc vai trò của bạn: hãy chọn trang khác trên trình đơn."


@pytest.mark.parametrize(
    ("who", "may_tick", "offered"),
    [
        ("agent", True, {"queue_take", "queue_assign", "queue_acknowledge"}),
        ("lead", True, {"queue_take", "queue_assign", "queue_acknowledge"}),
        ("handler", False, set()),
        ("manager", False, set()),
    ],
)
def test_each_role_is_offered_its_steps_on_ticked_rows(see: Open, who: str, may_tick: bool, offered: set[str]) -> None:
    app = see(who)
    assert rows.drawn(app)["tickable"] is may_tick
    assert asks(app) == set(), "nothing is ticked yet"
    assert asks(rows.tick(app, TABLE, rows.keys(app)[0])) == offered


def test_a_manager_reads_no_text_and_a_department_only_what_is_its_own(see: Open) -> None:
    manager, handler = see("manager"), see("handler")
    assert "Nội dung khách phản ánh được che với vai trò của bạn." in said(manager)
    assert "Nội dung khách phản ánh" not in said(handler)
    assert [len(drawn["columns"]) for drawn in (rows.drawn(manager), rows.drawn(handler))] == [4, 5]
    assert "Khiếu nại" not in str(rows.drawn(manager)), "what is hidden is not sent to the browser either"
    assert rows.keys(handler) == ["KN-2026-000003"]
    assert "Khiếu nại số 3" in rows.texts(handler, "KN-2026-000003")
    assert segments(handler) == ["Chờ phòng ban tôi 1", "Hôm nay 0", "Quá hạn 0", "Của tôi 0", "Tất cả 1"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"segment": "overdue"}, "1 8"),
        ({"segment": "mine"}, "4 5"),
        ({"category": "payment,login"}, "1 8 2 3 5"),
        ({"category": "payment", "channel": "email"}, "3"),
        ({"segment": "overdue", "category": "payment", "channel": "facebook"}, "8"),
        ({"segment": "nonsense", "category": "nonsense", "page": "99"}, "4 5"),
        ({"page": "-1"}, "1 8 2 3 4 5 6"),
        ({"page": "²"}, "1 8 2 3 4 5 6"),
    ],
)
def test_the_address_says_what_is_on_the_screen(see: Open, query: dict[str, str], wanted: str) -> None:
    app = see(**query)
    assert not app.exception
    assert " ".join(str(int(key[-6:])) for key in rows.keys(app)) == wanted


OPENS_WITH = [
    # role, title, why
    ("agent", "2 hồ sơ: của tôi", "their own work"),
    ("lead", "2 hồ sơ quá hạn, 1 đến hạn hôm nay", "what is late"),
    ("handler", "1 hồ sơ: chờ phòng ban tôi", "what the department owes"),
    ("manager", "1 hồ sơ: chờ tôi chỉ đạo", "what is asked of the board: a manager holds nothing"),
]


@pytest.mark.parametrize(("role", "title", "why"), OPENS_WITH)
def test_the_queue_opens_with_what_the_role_does_first(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch, role: str, title: str, why: str
) -> None:
    app = Screen(filled, getattr(sqlite_cast, role), NOW).open("queue", monkeypatch)
    assert (app.title[0].value, dict(app.query_params)) == (title, {}), why


def test_who_finds_nothing_is_shown_where_there_is_work(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen(filled, sqlite_cast.agent2, NOW).open("queue", monkeypatch)
    assert "Bạn không có hồ sơ nào đang mở" in said(app)
    assert app.button(key="queue_useful").label == "5 hồ sơ: chưa ai nhận"
    app = app.button(key="queue_useful").click().run()
    assert app.query_params == {"segment": "unassigned"}
    assert len(rows.keys(app)) == 5


def test_choosing_writes_the_address_and_another_list_begins_at_its_first_page(see: Open) -> None:
    app = see(page="1")
    app = app.segmented_control(key="queue_segment").set_value("overdue").run()
    assert app.query_params == {"segment": "overdue"}
    app = app.multiselect(key="queue_channel").set_value(["facebook"]).run()
    assert app.query_params == {"segment": "overdue", "channel": "facebook"}
    assert rows.keys(app) == ["KN-2026-000008"]
    assert app.title[0].value == "1 hồ sơ quá hạn (đang lọc)"
    app = app.button(key="queue_clear").click().run()
    assert app.query_params == {"segment": "overdue"}
    app = app.segmented_control(key="queue_segment").set_value("mine").run()
    assert app.query_params == {}, "with what an agent's queue opens"


def test_pages_of_twenty_five(see: Open, filled: Register) -> None:
    with filled.write() as session:
        more = [(Draft("web", NOW - timedelta(minutes=n), "Thêm", "other"), ()) for n in range(1, 45)]
        complaints.write_histories(session, more, Act(None, NOW))
    first, third = see(), see(page="3")
    assert (len(rows.keys(first)), len(rows.keys(third))) == (25, 1)
    assert "1–25 trong 51 hồ sơ" in said(first)
    assert "51–51 trong 51 hồ sơ" in said(third)
    assert see(page="4").query_params["page"] == "4"
    assert rows.keys(see(page="4")) == rows.keys(third), "a page that is gone by now shows the last"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"segment": "overdue"}, "Không có hồ sơ quá hạn."),
        ({"segment": "unacknowledged"}, "Mọi hồ sơ đều đã được tiếp nhận."),
        ({"segment": "unexplained"}, "Không có hồ sơ đang mở nào trễ hạn mà chưa nêu lý do."),
        ({}, "Không có hồ sơ quá hạn."),
        ({"segment": "all"}, "Không có hồ sơ nào đang mở: tất cả đã đóng."),
        ({"segment": "unassigned"}, "Hồ sơ nào cũng đã có người nhận."),
        ({"channel": "letter"}, "Không có hồ sơ nào của mục này khớp bộ lọc."),
    ],
)
def test_an_empty_list_says_so(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], sentence: str
) -> None:
    app = Screen(sqlite_register, sqlite_cast.lead, NOW).open("queue", monkeypatch, **query)
    assert not app.exception
    assert sentence in said(app)
    assert app.title[0].value.startswith("Hàng đợi trống")


def test_an_agent_takes_the_ticked_rows(see: Open, filled: Register, sqlite_cast: Cast) -> None:
    app = rows.tick(see(), TABLE, FIRST, "KN-2026-000002")
    app = app.button(key="queue_take").click().run()
    assert not app.exception
    assert "Đã nhận 2 hồ sơ." in said(app)
    assert {states(filled, sqlite_cast.lead)[code][1] for code in (FIRST, "KN-2026-000002")} == {sqlite_cast.agent.name}
    assert asks(app) == set(), "the ticks were for the list before"
    assert "Đã nhận 2" not in said(app.run()), "told once"


def test_giving_rows_to_somebody_who_is_away_warns_and_offers_the_deputy(
    see: Open, filled: Register, sqlite_cast: Cast
) -> None:
    known, today = sqlite_cast, local_day(NOW)
    with filled.write() as session:
        absence = Absence(today, today, known.lead.id)
        absences.begin(session, known.agent2.id, absence, Act(known.agent2, NOW))
    app = rows.tick(see("lead"), TABLE, FIRST)
    app = app.selectbox(key="queue_assignee").set_value(known.agent2.id).run()
    [warning] = app.warning
    assert warning.value == f"{known.agent2.name}: vắng đến 20/11/2026, {known.lead.name} thay."
    app = app.button(key="queue_assignee.deputy").click().run()
    assert app.selectbox(key="queue_assignee").value == known.lead.id


def test_a_lead_gives_rows_to_a_colleague(see: Open, filled: Register, sqlite_cast: Cast) -> None:
    app = rows.tick(see("lead"), TABLE, FIRST)
    offered = app.selectbox(key="queue_assignee").options
    known = sqlite_cast
    assert set(offered) == {known.agent.name, known.agent2.name, known.lead.name}, "no department has it yet"
    app = app.selectbox(key="queue_assignee").set_value(sqlite_cast.agent2.id).run()
    app = app.button(key="queue_assign").click().run()
    assert f"Đã giao 1 hồ sơ cho {sqlite_cast.agent2.name}." in said(app)
    assert states(filled, sqlite_cast.lead)[FIRST] == ("received", sqlite_cast.agent2.name)


def test_what_became_of_each_row_is_told(see: Open, filled: Register, sqlite_cast: Cast) -> None:
    app = rows.tick(see(), TABLE, FIRST, "KN-2026-000002", "KN-2026-000004")
    with filled.write() as session:
        complaints.take(session, "KN-2026-000002", "note", {"text": "Khách đang giận"}, Act(sqlite_cast.lead, NOW))
    app = app.text_area(key="queue_answered").set_value("Đã gọi lại").run()
    app = app.button(key="queue_acknowledge").click().run()
    assert not app.exception
    told = app.warning[0].value
    assert "Đã tiếp nhận 1 hồ sơ, 1 đã có người khác làm trước: KN-2026-000002, 1 không làm được." in told
    assert "KN-2026-000004: " in told
    found = states(filled, sqlite_cast.lead)
    assert [found[code][0] for code in (FIRST, "KN-2026-000002", "KN-2026-000004")] == [
        "acknowledged",
        "received",
        "investigating",
    ]


def test_ticks_of_another_list_are_not_acted_on(see: Open) -> None:
    app = rows.tick(see(), TABLE, FIRST)
    app = app.segmented_control(key="queue_segment").set_value("mine").run()
    assert asks(app) == set()


def test_a_browser_that_sends_nonsense_acts_on_nothing(see: Open) -> None:
    app = see()
    for nonsense in (
        "x",
        {"list": 1},
        {"list": rows.drawn(app)["list"], "rows": ["x"]},
        {"list": rows.drawn(app)["list"], "rows": {"x": "y"}},
    ):
        app.session_state[TABLE] = {"ticked": nonsense}
        app = app.run()
        assert not app.exception
        assert asks(app) == set()


def test_the_way_to_a_new_complaint_is_there_for_those_who_log(see: Open) -> None:
    app = see("agent")
    assert rows.gone(app.button(key="queue_log").click().run()) == "log_complaint"
    assert all(button.key != "queue_log" for button in see("manager").button)


def test_english_by_switch(see: Open, filled: Register, sqlite_cast: Cast) -> None:
    with filled.write() as session:
        set_language(session, "en", Act(sqlite_cast.agent, NOW))
    sqlite_cast.agent.language = "en"
    app = see()
    assert app.title[0].value == "2 complaints overdue, 1 due today"
    assert rows.texts(app, FIRST)[1:3] == ["overdue by 1 d of working time", "Wed 18/11 17:30"]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("kn-2026-4", "complaint?code=KN-2026-000004"), ("khieu nai so 5", None), ("khong co gi", None)],
)
def test_the_search_box_opens_a_code_and_lists_the_rest(see: Open, typed: str, wanted: str | None) -> None:
    app = see(segment="mine").text_input(key="search").set_value(typed).run()
    assert not app.exception
    assert rows.gone(app) == wanted
    assert app.query_params == {"segment": "mine"}, "what was typed may be a phone number: it is in no address"
    links = [link.proto.label for link in app.get("page_link") if "KN" in link.proto.label]
    assert [label.replace("\\", "")[:14] for label in links] == (
        ["KN-2026-000005"] if typed.startswith("khieu") else []
    )


def test_a_department_without_work_is_not_told_that_everything_is_closed(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, sqlite_cast)
    handler = Screen(sqlite_register, sqlite_cast.handler, now + timedelta(hours=1))
    told = said(handler.open("queue", monkeypatch, segment="all"))
    assert "Phòng của bạn không có hồ sơ nào đang mở." in told
    assert "tất cả đã đóng" not in told
    assert "Phòng của bạn không có hồ sơ nào đang mở" in said(handler.open("overview", monkeypatch))


def test_the_choices_of_the_chosen_category_narrow_the_queue(see: Open, filled: Register, sqlite_cast: Cast) -> None:
    with filled.write() as session:
        draft = Draft("hotline", NOW - timedelta(minutes=5), "Nạp ví", "payment", details={"method": "momo"})
        code = complaints.log(session, draft, Act(sqlite_cast.agent, NOW)).code
    assert "queue_field_method" not in {one.key for one in see().multiselect}, "no category is chosen"
    app = see(category="payment")
    method = app.multiselect(key="queue_field_method")
    assert (method.label, "Ví MoMo" in method.options, "Google" in method.options) == (
        "Hình thức thanh toán", True, False,
    )  # fmt: skip
    app = method.set_value(["momo"]).run()
    assert not app.exception
    assert app.query_params["field_method"] in ("momo", ["momo"])
    assert rows.keys(app) == [code]
    assert "(đang lọc)" in app.title[0].value
    other = app.multiselect(key="queue_category").set_value(["login"]).run()
    assert "field_method" not in other.query_params, "another category has other choices"
    app = see(category="payment", field_method="momo").button(key="queue_clear").click().run()
    assert not {"field_method", "category"} & set(app.query_params)


def test_an_address_with_choices_that_are_none_shows_the_whole_queue(see: Open) -> None:
    app = see(field_method="Người Gửi Thử", field_account="x", field_="y")
    assert not app.exception
    assert app.title[0].value == "2 hồ sơ quá hạn, 1 đến hạn hôm nay"


def test_an_answer_text_is_filled_in_for_each_complaint(see: Open, filled: Register) -> None:
    app = rows.tick(see(), TABLE, FIRST, "KN-2026-000002")
    pick = app.selectbox(key="queue_answer_text")
    assert pick.options == ["Xác nhận đã tiếp nhận"], "the one of payments does not fit any complaint"
    app = pick.set_value("da_tiep_nhan@1").run()
    assert "{code}" in (app.text_area(key="queue_answered").value or "")
    app = app.button(key="queue_acknowledge").click().run()
    assert not app.exception
    with filled.read() as session:
        bodies = select(Evidence.body).where(Evidence.body.contains("Kính gửi")).order_by(Evidence.complaint_id)
        told = list(session.scalars(bodies))
        uses = answer_texts.uses(session, NOW)
    assert all(f"mã hồ sơ {code}" in (said or "") for code, said in zip((FIRST, "KN-2026-000002"), told, strict=True))
    assert not any("{" in (said or "") for said in told)
    assert uses["da_tiep_nhan"] == answer_texts.Uses(2, 2, 0, {"acknowledge": 2}), "filled in is not changed"


def test_a_text_that_a_complaint_cannot_fill_in_is_not_said(
    see: Open, filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_fields, "_deadline", lambda *_given: None)
    app = rows.tick(see(), TABLE, FIRST)
    app = app.selectbox(key="queue_answer_text").set_value("da_tiep_nhan@1").run()
    app = app.button(key="queue_acknowledge").click().run()
    assert "hãy trả lời riêng hồ sơ này" in app.warning[0].value
    assert states(filled, sqlite_cast.lead)[FIRST][0] == "received"


MARKS = [
    # role, code, what its row says of an internal mark, why
    ("lead", "KN-2026-000008", ("quá mốc nội bộ T5 19/11", "overdue"), "five working days after it was classified"),
    ("agent", "KN-2026-000006", ("mốc nội bộ hôm nay", ""), "told yesterday, to be closed within a working day"),
    ("agent", FIRST, ("", ""), "acknowledging is promised, and has no mark"),
    ("handler", "KN-2026-000003", ("", ""), "a department has its own due"),
]


@pytest.mark.parametrize(("role", "code", "flag", "why"), MARKS)
def test_an_internal_mark_stands_apart_from_the_promise(
    see: Open, role: str, code: str, flag: tuple[str, str], why: str
) -> None:
    (row,) = [row for row in rows.drawn(see(role))["rows"] if row["key"] == code]
    assert [(cell["flag"], cell["flag_tone"]) for cell in row["cells"]] == [flag, *[("", "")] * 4], why


def peek(app: AppTest, code: object) -> AppTest:
    """Look at a row beside the list, as the browser asks for it."""
    app.session_state[TABLE] = {"peek": code}
    return app.run()


def test_a_case_is_shown_beside_the_list(see: Open) -> None:
    app = peek(see(), "KN-2026-000004")
    assert not app.exception
    page = said(app)
    assert "**KN-2026-000004 · Nội dung**" in page
    assert "Khiếu nại số 4" in page
    assert "**Thông báo kết quả** · Hạn 17:30 thứ Sáu 27/11/2026" in page
    assert "Mốc nội bộ, không phải cam kết: Mở khiếu nại và giải quyết" in page
    assert "Chờ Phòng Kỹ thuật · cần trả lời trước 17:30 thứ Ba 24/11/2026" in page
    assert page.count("“Kiểm tra”") == 1, "what is asked is told once"
    assert "**Việc tiếp theo:** Phòng ban trả lời" in page
    assert len(rows.keys(app)) == 7, "the list stays"


@pytest.mark.parametrize(
    ("who", "code", "why"),
    [
        ("agent", "KN-2026-000099", "no such row"),
        ("agent", 7, "nonsense"),
        ("agent", None, "closed"),
        ("handler", FIRST, "another department's: not in their list"),
    ],
)
def test_nothing_else_is_shown_beside_the_list(see: Open, who: str, code: object, why: str) -> None:
    app = peek(see(who), code)
    assert not app.exception
    assert "Việc tiếp theo:" not in said(app), why


def test_beside_the_list_a_manager_reads_no_text_either(see: Open) -> None:
    page = said(peek(see("manager"), "KN-2026-000004"))
    assert "**KN-2026-000004 · Nội dung**" in page
    assert "Kiểm tra" not in page
    assert "Khiếu nại số 4" not in page


def test_the_keys_of_the_list_are_said_beneath_it(see: Open) -> None:
    told = {who: dict(rows.drawn(see(who))["keys"]["list"]) for who in ("agent", "handler")}
    assert set(told["agent"]) - set(told["handler"]) == {"x"}, "a department ticks nothing"
    assert {"j / k", "Enter", "p", "/", "?"} <= set(told["handler"])


@pytest.mark.parametrize(("who", "may"), [("agent", True), ("lead", True), ("handler", False), ("manager", False)])
def test_ticked_rows_are_forwarded_with_one_question_to_one_department(see: Open, who: str, may: bool) -> None:
    app = see(who)
    picked = "KN-2026-000003" if who == "handler" else "KN-2026-000004"
    app = rows.tick(app, TABLE, picked) if rows.drawn(app)["tickable"] else app
    assert ("queue_forward" in {str(button.key) for button in app.button}) is may


def test_what_cannot_be_forwarded_is_listed_with_why(see: Open, filled: Register, sqlite_cast: Cast) -> None:
    with filled.write() as session:
        known: StepFields = {"details": {"title": "Phim A"}}
        complaints.take(session, "KN-2026-000004", "details", known, Act(sqlite_cast.agent, NOW))
    app = rows.tick(see(), TABLE, "KN-2026-000004", "KN-2026-000003", FIRST)
    app = app.button(key="queue_forward").click().run()
    assert not app.exception
    assert "Hãy chọn phòng ban" in said(app) + str([one.value for one in app.markdown]), (
        "said at its field, the ticks stay"
    )
    app = app.selectbox(key="queue_department_asked").set_value("content").run()
    app = app.text_area(key="queue_question").set_value("Có cùng một lỗi không?").run()
    app = app.button(key="queue_forward").click().run()
    assert not app.exception
    text = said(app)
    assert "Đã chuyển Phòng Nội dung: đã xong 1 hồ sơ, 2 không làm được" in text
    assert "KN-2026-000001: Không thể “Chuyển phòng ban”" in text
    assert "KN-2026-000003: Trước khi chuyển phòng ban cần có: Số tiền" in text, "what the department needs to know"
    with filled.read() as session:
        asked = session.scalars(select(Complaint).where(Complaint.code == "KN-2026-000004")).one().requests
    assert [(one.department, one.due_at) for one in asked][-1] == ("content", at("2026-11-25 17:30")), "24/11 is off"


def test_a_ticked_page_leads_to_all_rows_of_the_list(
    see: Open, filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_view, "PAGE_ROWS", 2)
    app = see()
    one, other = rows.keys(app)
    assert "queue_all" not in {str(button.key) for button in rows.tick(app, TABLE, one).button}, "not the whole page"
    app = rows.tick(app, TABLE, one, other)
    total = len(states(filled, sqlite_cast.agent))
    assert total > 2
    assert app.button(key="queue_all").label == f"Chọn cả {total} hồ sơ"
    app = app.button(key="queue_all").click().run()
    assert f"Đã chọn **{total}** hồ sơ" in {one.value for one in app.markdown}
    assert "queue_all" not in {str(button.key) for button in app.button}
    fewer = rows.tick(app, TABLE, one)
    assert "Đã chọn **1** hồ sơ" in {one.value for one in fewer.markdown}, "a tick taken off: what is ticked alone"
    app = rows.tick(fewer, TABLE, one, other)
    assert "Đã chọn **2** hồ sơ" in {one.value for one in app.markdown}, "and it is not everything unasked again"
    app = app.button(key="queue_all").click().run()
    app = app.button(key="queue_take").click().run()
    assert not app.exception
    holders = {code: who for code, (_state, who) in states(filled, sqlite_cast.agent).items()}
    assert set(holders.values()) == {sqlite_cast.agent.name}, "also those of pages that were never looked at"


def test_one_act_takes_the_first_five_hundred_of_a_longer_list(see: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_view, "PAGE_ROWS", 2)
    monkeypatch.setattr(whole, "MOST", 3)
    app = see()
    app = rows.tick(app, TABLE, *rows.keys(app))
    assert app.button(key="queue_all").label == "Chọn 3 hồ sơ đầu"
    app = app.button(key="queue_all").click().run()
    assert "Đã chọn **3** hồ sơ" in {one.value for one in app.markdown}
