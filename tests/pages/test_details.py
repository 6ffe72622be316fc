"""What a category must know, on the pages: typed with the complaint, shown beside it, completed and asked for later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core import i18n
from core.register.case import complaints, details
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import form_drafts
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.ways import PAYMENT

CODE = "KN-2026-000001"
TYPED = "log.1.details"


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The log form of an agent, about a payment."""
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    app = app.pills(key="log.1.channel").set_value("hotline").run()
    app = app.text_area(key="log.1.statement").set_value("Nạp tiền chưa thấy Stars").run()
    return app.pills(key="log.1.category").set_value("payment").run()


def known(register: Register) -> dict[str, str]:
    with register.read() as session:
        return details.known(session, 1)


def cells(app: AppTest) -> dict[str, str]:
    """The table of values beside the statement: name → what is shown."""
    table = app.table[0].value
    return {str(name): str(shown) for name, shown in table[table.columns[-1]].items()}


def test_the_form_asks_what_the_category_must_know(form: AppTest, sqlite_register: Register) -> None:
    assert "Cần có trước khi chuyển phòng ban: Số tiền, Thời điểm thanh toán, Hình thức thanh toán" in said(form)
    app = form.text_input(key=f"{TYPED}.money.amount").set_value("1,2tr").run()
    app = app.text_input(key=f"{TYPED}.text.transaction").set_value("FT26320").run()
    app = app.datetime_input(key=f"{TYPED}.moment.time").set_value(datetime(2026, 11, 15, 20, 15)).run()  # noqa: DTZ001
    app = app.selectbox(key=f"{TYPED}.payment.method").set_value("momo").run()
    assert "Cần có trước khi chuyển" not in said(app)
    app = app.button(key="log.1.save").click().run()
    assert app.title[0].value == CODE
    assert known(sqlite_register) == {
        "amount": "1200000", "method": "momo", "time": "2026-11-15T13:15:00+00:00", "transaction": "FT26320",
    }  # fmt: skip


def test_a_value_that_can_be_read_in_two_ways_is_named_and_nothing_is_lost(
    form: AppTest, sqlite_register: Register
) -> None:
    app = form.text_input(key=f"{TYPED}.money.amount").set_value("1.234k").run()
    app = app.button(key="log.1.save").click().run()
    assert "Số tiền này có thể hiểu theo hai cách" in said(app)
    assert "Cần sửa 1 ô: Số tiền." in said(app)
    assert known(sqlite_register) == {}
    app = app.text_input(key=f"{TYPED}.money.amount").set_value("1.234.000").run()
    assert app.button(key="log.1.save").click().run().title[0].value == CODE


def test_nothing_typed_is_lost_by_a_look_at_another_category(form: AppTest, sqlite_register: Register) -> None:
    app = form.text_input(key=f"{TYPED}.text.transaction").set_value("FT26320").run()
    app = app.selectbox(key=f"{TYPED}.payment.method").set_value("card").run()
    app = app.pills(key="log.1.category").set_value("login").run()
    assert [box.key for box in app.text_input if str(box.key).startswith(TYPED)] == [
        f"{TYPED}.text.account",
        f"{TYPED}.text.device",
    ]
    assert app.selectbox(key=f"{TYPED}.login.method").value is None, "another list under the same key"
    app = app.text_input(key=f"{TYPED}.text.device").set_value("iPhone 15").run()
    app = app.pills(key="log.1.category").set_value("app_error").run()
    assert app.text_input(key=f"{TYPED}.text.device").value == "iPhone 15", "asked for by both"
    app = app.pills(key="log.1.category").set_value("payment").run()
    assert app.text_input(key=f"{TYPED}.text.transaction").value == "FT26320"
    assert app.selectbox(key=f"{TYPED}.payment.method").value == "card"
    app.button(key="log.1.save").click().run()
    assert known(sqlite_register) == {"transaction": "FT26320", "method": "card"}, "the category's own alone"


def test_a_draft_on_the_server_brings_the_values_back(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {
        "category": "payment",
        "details.money.amount": "50k",
        "details.payment.method": "momo",
        "details.moment.time": {"moment": "2026-11-15T20:15:00"},
        "details.text.device": "iPhone 15",
    }
    with sqlite_register.write() as session:
        form_drafts.keep(session, sqlite_cast.agent.id, form_drafts.LOG, "token-of-a-draft", fields, now=now)
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    assert app.text_input(key=f"{TYPED}.money.amount").value == "50k"
    assert app.selectbox(key=f"{TYPED}.payment.method").value == "momo"
    assert app.datetime_input(key=f"{TYPED}.moment.time").value == datetime(2026, 11, 15, 20, 15)  # noqa: DTZ001
    app = app.pills(key="log.1.category").set_value("app_error").run()
    assert app.text_input(key=f"{TYPED}.text.device").value == "iPhone 15", "typed for another category"


def logged(register: Register, now: datetime, *steps: str, category: str = "payment", **values: str) -> None:
    """A complaint of which ``values`` are known, after ``steps``."""
    with register.write() as session:
        draft = Draft("email", now, "Lỗi", category, details=values)
        assert complaints.log(session, draft, Act(None, now)).code == CODE
        for step in steps:
            fields = {"kind": "complaint"} if step == "classify" else {}
            complaints.take(session, CODE, step, fields, Act(None, now))  # type: ignore[arg-type] # by name


def test_the_page_shows_what_is_known_and_marks_what_is_missing(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, amount="50k", transaction="FT26320")
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    assert cells(app) == {
        "Mã giao dịch": "FT26320",
        "Số tiền": "50.000đ",
        "Thời điểm thanh toán": ":red[:material/error: còn thiếu]",
        "Hình thức thanh toán": ":red[:material/error: còn thiếu]",
    }
    assert "Số tiền: 50.000đ · Mã giao dịch: FT26320" in said(app), "the timeline"
    app = Screen(sqlite_register, sqlite_cast.analyst, now).open("complaint", monkeypatch, code=CODE)
    assert cells(app)["Mã giao dịch"] == "…"
    assert "FT26320" not in said(app)
    with sqlite_register.write() as session:
        complaints.take(session, CODE, "withdraw", {"text": "Thôi"}, Act(None, now))
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    assert cells(app)["Thời điểm thanh toán"] == "–", "nobody needs it any more"


def test_values_of_another_category_are_shown_as_other(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, "acknowledge", amount="50k")
    with sqlite_register.write() as session:
        complaints.take(session, CODE, "classify", {"kind": "complaint", "category": "content"}, Act(None, now))
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    assert [*cells(app)] == ["Tên phim, truyện", "Tập, chương", "Phút thứ", "Số tiền (khác)"]


def step_key(name: str, round: int = 1) -> str:
    return f"step.{CODE}.{round}.{name}"


def test_values_are_completed_and_corrected_on_the_page(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, amount="50k", time="2026-11-15 20:15:07")
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    app = app.selectbox(key=step_key("step")).set_value("details").run()
    assert app.text_input(key=step_key("details.details.amount")).value == "50.000đ"
    app = app.button(key=step_key("details.save")).click().run()
    assert "Chưa có gì thay đổi" in said(app), "not even the seconds that the field does not show"
    app = app.text_input(key=step_key("details.details.amount")).set_value("60k").run()
    app = app.selectbox(key=step_key("details.details.method")).set_value("momo").run()
    app = app.button(key=step_key("details.save")).click().run()
    assert "Đã lưu: Bổ sung thông tin." in said(app)
    assert known(sqlite_register) == {"amount": "60000", "method": "momo", "time": "2026-11-15T13:15:07+00:00"}
    assert "Số tiền: 60.000đ · Hình thức thanh toán: Ví MoMo" in said(app)


def test_values_shown_in_english_are_read_back(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, category="content", title="Conan", minute="1234")
    sqlite_cast.agent.language = "en"
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    i18n.use("en")  # AppTest reads labels in this thread
    app = app.selectbox(key=step_key("step")).set_value("details").run()
    app = app.text_input(key=step_key("details.details.title")).set_value("Doraemon").run()
    app.button(key=step_key("details.save")).click().run()
    assert known(sqlite_register) == {"title": "Doraemon", "minute": "1234"}


def test_forwarding_asks_for_what_is_missing_and_takes_it_right_there(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, "acknowledge", "classify", amount="50k", method="momo")
    later = now + timedelta(hours=1)
    app = Screen(sqlite_register, sqlite_cast.agent, later).open("complaint", monkeypatch, code=CODE)
    assert app.selectbox(key=step_key("step")).value == "forward"
    app = app.multiselect(key=step_key("forward.department")).set_value(["payment"]).run()
    app = app.text_area(key=step_key("forward.text")).set_value("Kiểm tra giúp").run()
    app = app.button(key=step_key("forward.save")).click().run()
    assert "Trước khi chuyển phòng ban cần có: Thời điểm thanh toán." in said(app)
    assert app.text_area(key=step_key("forward.text")).value == "Kiểm tra giúp"
    app = app.datetime_input(key=step_key("forward.details.time")).set_value(datetime(2026, 11, 15, 8)).run()  # noqa: DTZ001
    app = app.button(key=step_key("forward.save")).click().run()
    assert "Đã lưu: Chuyển phòng ban" in said(app)
    assert known(sqlite_register)["time"] == "2026-11-15T01:00:00+00:00"


def test_nothing_is_asked_before_forwarding_where_all_is_known(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, "acknowledge", "classify", **PAYMENT)
    app = Screen(sqlite_register, sqlite_cast.agent, now).open("complaint", monkeypatch, code=CODE)
    assert "Cần có trước khi chuyển phòng ban" not in said(app)
