"""Ghi nhận: what is typed is never lost, never logged twice, and says what is promised before it is saved."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from core import i18n
from core.register.case import complaints
from core.register.case.customers import NAMED_AS, CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Base, Complaint, Customer, Evidence
from core.rules.roles import ROLES
from core.ui.log.sheet import STATE
from tests.conftest import Cast
from tests.files import PNG
from tests.pages.screen import Screen, as_read, said

STATEMENT = "Nạp 200 Stars, đã trừ **49.000đ** <b>mà</b> $chưa$ thấy :material/bolt: Stars"


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)


@pytest.fixture
def known(sqlite_register: Register, now: datetime) -> str:
    """A customer with one open complaint; returns its code."""
    with sqlite_register.write() as session:
        draft = Draft(
            "hotline",
            now - timedelta(days=8),
            "Không vào được",
            "login",
            customer=CustomerDraft(name="Nguyễn Văn An", phone="0912 345 123"),
        )
        return complaints.log(session, draft, Act(None, now)).code


def fill(app: AppTest, **values: object) -> AppTest:
    """Type into the fields of the first draft, as a person goes from one to the next."""
    for name, value in values.items():
        key = f"log.1.{name}"
        kind = "pills" if name in ("channel", "category", "level") else "text_area" if name == "statement" else None
        kinds = (kind,) if kind else ("text_input", "segmented_control", "selectbox", "datetime_input")
        (widget,) = [widget for kind in kinds for widget in getattr(app, kind) if widget.key == key]
        app = widget.set_value(value).run()
    return app


def save(app: AppTest) -> AppTest:
    return app.button(key="log.1.save").click().run()


def count(register: Register, table: type[Base] = Complaint) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_whole_complaint_is_logged_with_its_code_and_deadlines(form: AppTest, sqlite_register: Register) -> None:
    app = fill(
        form,
        channel="hotline",
        contact="0912345678",
        name="Trần Thị Bình",
        statement=STATEMENT,
        category="payment",
        product="pops_stars",
        platform="ios",
        remedy="Hoàn tiền",
    )
    app = save(app)
    assert not app.exception
    assert app.title[0].value == "KN-2026-000001"
    assert "trước **17:30 thứ Ba 17/11/2026**" in said(app)
    with sqlite_register.read() as session:
        complaint = session.scalars(select(Complaint)).one()
        customer = session.get_one(Customer, complaint.customer_id)
        assert (complaint.channel, complaint.category, complaint.product) == ("hotline", "payment", "pops_stars")
        assert (customer.name, customer.phone_key) == ("Trần Thị Bình", "84912345678")
        texts = set(session.scalars(select(Evidence.body)))
    assert texts == {STATEMENT, "Hoàn tiền"}


def test_the_deadlines_follow_the_time_of_receipt_before_anything_is_saved(form: AppTest) -> None:
    assert "trước **17:30 thứ Ba 17/11/2026**" in said(form)
    app = form.segmented_control(key="log.1.recorded_at").set_value(-1).run()
    app = app.datetime_input(key="log.1.recorded_at.at").set_value(datetime(2026, 11, 13, 17, 30)).run()  # noqa: DTZ001
    assert "trước **17:30 thứ Ba 17/11/2026**" in said(app), "Friday 17:30 is closed already: received on Monday (D2)"
    app = app.datetime_input(key="log.1.recorded_at.at").set_value(datetime(2026, 11, 13, 17, 29)).run()  # noqa: DTZ001
    assert "trước **17:30 thứ Hai 16/11/2026**" in said(app)


def test_a_quarter_of_an_hour_ago_is_counted_from_the_choice(
    form: AppTest, sqlite_register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fill(form, recorded_at=15, channel="email", statement="Chậm", category="other")
    monkeypatch.setattr("core.ui.frame.utc_now", lambda: now + timedelta(minutes=10))
    save(app)
    with sqlite_register.read() as session:
        assert session.scalars(select(Complaint)).one().recorded_at == now - timedelta(minutes=15)


def test_a_half_filled_form_keeps_everything_and_says_what_to_mend_under_each_field(
    form: AppTest, sqlite_register: Register
) -> None:
    app = save(fill(form, contact="0912 34", statement="Bị trừ tiền hai lần"))
    page = said(app)
    assert count(sqlite_register) == 0
    assert "Hãy chọn kênh mà khiếu nại gửi đến" in page
    assert "Hãy chọn khiếu nại thuộc nhóm nào" in page
    assert "Không có số điện thoại nào gồm các chữ số này" in page
    assert "Cần sửa 3 ô: Kênh, Số điện thoại, Nhóm khiếu nại." in page
    assert app.text_area(key="log.1.statement").value == "Bị trừ tiền hai lần"
    assert app.text_input(key="log.1.contact").value == "0912 34"
    app = fill(app, channel="hotline", category="payment")
    assert "Hãy chọn kênh" not in said(app), "what is mended is not complained about any more"
    assert "Không có số điện thoại nào gồm các chữ số này" in said(app)
    app = save(fill(app, contact="0912 345 678"))
    assert app.title[0].value == "KN-2026-000001"


MENDED = [
    # field, typed, what is said beside it, mended, phone and e-mail kept
    ("contact", "8.49E+10", "Bảng tính đã rút gọn số này", "0901 234 567", ("84901234567", None)),
    ("contact", "20/11/2026", "Đây là ngày tháng", "+1 650 253 0000", ("16502530000", None)),
    ("contact", "0901234567 / 0912345678", "nhiều hơn một số điện thoại", "'0901234567", ("84901234567", None)),
    (
        "contact",
        "0901234567 chị Hoà",
        "Ngoài số điện thoại còn có chữ khác",
        "０９０１２３４５６７",
        ("84901234567", None),
    ),
    ("contact", "lan@vidu", "Đây không phải địa chỉ email", "mailto:Lan@vidu.vn", (None, "lan@vidu.vn")),
    ("phone", "350.000.000", "Đây giống một số tiền", "901234567", ("84901234567", None)),
    ("email", "a@vidu.vn, b@vidu.vn", "nhiều hơn một địa chỉ email", "a@vidu.vn.", (None, "a@vidu.vn")),
]


@pytest.mark.parametrize(("field", "typed", "said_beside", "mended", "kept"), MENDED)
def test_a_contact_that_is_none_is_refused_with_its_reason_and_stays_as_typed(
    form: AppTest,
    sqlite_register: Register,
    field: str,
    typed: str,
    said_beside: str,
    mended: str,
    kept: tuple[str | None, str | None],
) -> None:
    app = fill(form, channel="hotline", category="other", statement="Chậm")
    app = save(app.text_input(key=f"log.1.{field}").set_value(typed).run())
    assert said_beside in said(app)
    assert app.text_input(key=f"log.1.{field}").value == typed
    assert count(sqlite_register) == 0
    save(app.text_input(key=f"log.1.{field}").set_value(mended).run())
    with sqlite_register.read() as session:
        customer = session.scalars(select(Customer)).one()
        assert (customer.phone_key, customer.email_key) == kept


def test_a_known_customer_is_told_at_once_with_what_is_open_and_not_asked_again(form: AppTest, known: str) -> None:
    app = fill(form, contact="+84 912.345.123")
    page = said(app)
    assert "**Nguyễn Văn An** · 1 hồ sơ từ trước đến nay" in page
    assert "Đang có 1 hồ sơ mở" in page
    link = next(element.proto for element in app.get("page_link") if element.proto.query_string)
    assert (link.label.replace("\\", ""), link.query_string) == (known, f"code={known}")
    assert app.text_input(key="log.1.name").placeholder == "Nguyễn Văn An", "shown, not asked"
    assert "log.1.email" in {field.key for field in app.text_input}, "the address is not"


@pytest.mark.usefixtures("known")
def test_another_name_is_said_before_saving_and_kept(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, name="Chị *Hoa*", contact="0912 345 123")
    sentence = (
        "Khách hàng này đã có tên **Nguyễn Văn An** và vẫn giữ tên đó. Hồ sơ sẽ ghi khách xưng tên **Chị *Hoa***."
    )
    assert sentence in said(app), "typed before the customer was found, and still there"
    app = save(fill(app, channel="hotline", statement="Chậm", category="other"))
    with sqlite_register.read() as session:
        assert session.scalars(select(Customer.name)).all() == ["Nguyễn Văn An"]
        assert session.scalar(select(Evidence.body).where(Evidence.kind == NAMED_AS)) == "Chị *Hoa*"
    app.query_params["code"] = "KN-2026-000002"
    app = app.switch_page("complaint.py").run()
    rows = {as_read(str(name)): as_read(str(text)) for name, text in app.table[0].value.iloc[:, 0].items()}
    assert (rows["Họ tên"], rows["Tên khách xưng lần này"]) == ("Nguyễn Văn An", "Chị *Hoa*")


@pytest.mark.usefixtures("known")
def test_the_known_name_once_more_needs_no_word(form: AppTest) -> None:
    assert "đã có tên" not in said(fill(form, contact="0912 345 123", name="nguyễn văn an"))


@pytest.mark.usefixtures("known")
def test_another_contact_beside_a_known_one_is_said_and_stays(form: AppTest, sqlite_register: Register) -> None:
    app = save(
        fill(form, contact="0912 345 123", email="a@vidu.vn", channel="hotline", statement="A", category="other")
    )
    app = app.button(key="log.1.next").click().run()
    app.text_input(key="log.2.email").set_value("b@vidu.vn").run()
    app = app.text_input(key="log.2.contact").set_value("0912 345 123").run()
    assert app.text_input(key="log.2.email").value == "b@vidu.vn", "typed before the customer was found"
    assert "Liên hệ vừa nhập không phải của khách hàng đã biết" in said(app)
    for widget, value in ((app.pills(key="log.2.category"), "other"), (app.text_area(key="log.2.statement"), "B")):
        app = widget.set_value(value).run()
    app.button(key="log.2.save").click().run()
    with sqlite_register.read() as session:
        assert set(session.scalars(select(Customer.email))) == {"a@vidu.vn", "b@vidu.vn"}


@pytest.mark.usefixtures("known")
def test_a_stranger_is_asked_for_a_name(form: AppTest) -> None:
    app = fill(form, contact="0999 999 999")
    assert "Đang có" not in said(app)
    assert "log.1.name" in {field.key for field in app.text_input}


def test_a_question_is_answered_and_closed_with_the_same_save(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="hotline", statement="Nạp tối đa bao nhiêu?", category="payment", settles="inquiry")
    assert app.button(key="log.1.save").label == "Lưu và đóng hồ sơ"
    app = save(app)
    assert "Hãy ghi kết quả đã báo cho khách hàng." in said(app), "beneath its field"
    assert "Cần sửa 1 ô: Kết quả đã báo cho khách hàng." in said(app)
    assert count(sqlite_register) == 0, "all or nothing"
    app = save(app.text_area(key="log.1.told").set_value("Tối đa 500 Stars").run())
    assert not app.exception
    assert app.title[0].value == "KN-2026-000001"
    assert "Đã ghi nhận, trả lời và đóng hồ sơ" in said(app)
    assert "Phản hồi tiếp nhận: đúng hạn" in said(app)
    with sqlite_register.read() as session:
        one = session.scalars(select(Complaint)).one()
        assert (one.state, one.kind, one.outcome) == ("closed", "inquiry", "answered")


def test_what_was_agreed_on_the_spot_needs_its_minutes_and_a_cause(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="office", statement="Thu thừa", category="payment", procedure="minh-tuan")
    app = fill(app, settles="complaint")
    app = fill(app.text_area(key="log.1.told").set_value("Trả lại 50.000đ").run(), outcome="upheld")
    app = save(app)
    assert "Hãy đính kèm biên bản hai bên đã ký" in said(app)
    assert "Cần sửa 2 ô: Nguyên nhân gốc, Biên bản kết quả giải quyết." in said(app)
    assert app.text_area(key="log.1.told").value == "Trả lại 50.000đ", "nothing typed is lost"
    assert count(sqlite_register) == 0
    app = fill(app, root_cause="double_charge")
    minutes = next(zone for zone in app.file_uploader if zone.key == "log.1.minutes")
    app = save(minutes.upload("bien-ban.png", PNG).run())
    assert app.title[0].value == "KN-2026-000001"
    with sqlite_register.read() as session:
        assert session.scalars(select(Complaint.state)).one() == "closed"
        assert session.scalar(select(Evidence.file_name).where(Evidence.kind == "file")) == "bien-ban.png"


ENDINGS = [
    # role, procedure, what is offered, why
    ("agent", "pops", ["Xử lý tiếp", "Đã trả lời xong câu hỏi"], "a question (POPS 3A)"),
    ("lead", "dai-huu", ["Xử lý tiếp", "Đã trả lời xong câu hỏi", "Đã thỏa thuận xong tại chỗ"], "and on the spot"),
    ("reporter", "minh-tuan", [], "only reports"),
]


@pytest.mark.parametrize(("role", "procedure", "endings", "why"), ENDINGS)
def test_settling_at_once_is_offered_where_procedure_and_role_allow_it(
    role: str,
    procedure: str,
    endings: list[str],
    why: str,
    sqlite_register: Register,
    sqlite_cast: Cast,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Screen(sqlite_register, getattr(sqlite_cast, role), now).open("log_complaint", monkeypatch)
    app = fill(app, procedure=procedure)
    assert [one.options for one in app.segmented_control if one.key == "log.1.settles"] == [endings] * bool(endings), (
        why
    )


def test_a_late_receipt_is_settled_with_the_reason(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="email", statement="Hỏi giờ mở cửa", category="other", settles="inquiry")
    assert "log.1.breach_reason" not in {one.key for one in app.selectbox}, "nothing is late"
    app = fill(app, recorded_at=-1)
    app = app.datetime_input(key="log.1.recorded_at.at").set_value(datetime(2026, 11, 9, 9, 0)).run()  # noqa: DTZ001
    app = fill(app.text_area(key="log.1.told").set_value("8:30").run(), breach_reason="overload")
    app = save(app)
    assert app.title[0].value == "KN-2026-000001"
    with sqlite_register.read() as session:
        assert session.scalars(select(Complaint.state)).one() == "closed"


def test_saving_twice_logs_once(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="hotline", statement="Chậm", category="other")
    first = app.session_state[STATE]
    reference = first.reference
    app = save(app)
    # the same draft once more, as when the answer to the first click was lost
    first.saved, first.was_shown, first.reference = "", False, reference
    app = app.run()
    app = save(app)
    assert app.title[0].value == "KN-2026-000001"
    assert count(sqlite_register) == 1


def test_the_next_draft_is_empty_but_for_the_channel(form: AppTest, sqlite_register: Register) -> None:
    app = save(fill(form, channel="hotline", contact="0912345678", statement="Chậm", category="other"))
    app = app.button(key="log.1.next").click().run()
    assert app.pills(key="log.2.channel").value == "hotline"
    assert app.pills(key="log.2.category").value is None
    assert app.text_area(key="log.2.statement").value == ""
    app = app.text_area(key="log.2.statement").set_value("Lần hai").run()
    app = app.pills(key="log.2.category").set_value("other").run()
    app = app.button(key="log.2.save").click().run()
    assert app.title[0].value == "KN-2026-000002"
    assert count(sqlite_register) == 2


def test_coming_back_after_saving_opens_an_empty_form(form: AppTest, known: str) -> None:
    app = save(fill(form, channel="hotline", statement="Chậm", category="other"))
    app = app.run()
    assert app.title[0].value == "KN-2026-000002", "the code stays while the page stays"
    app.query_params["code"] = known
    app = app.switch_page("complaint.py").run().switch_page("log_complaint.py").run()
    assert app.text_area(key="log.2.statement").value == ""
    assert app.pills(key="log.2.channel").value == "hotline"


def test_a_draft_survives_a_look_at_another_page(form: AppTest, known: str, sqlite_register: Register) -> None:
    app = fill(form, channel="hotline", contact="0912345123", statement="Chưa thấy Stars", category="payment")
    app = app.file_uploader[0].upload("biên lai.png", PNG).run()
    app.query_params["code"] = known
    app = app.switch_page("complaint.py").run()
    assert known in app.title[0].value
    app = app.switch_page("log_complaint.py").run()
    assert app.pills(key="log.1.channel").value == "hotline"
    assert app.text_input(key="log.1.contact").value == "0912345123"
    assert app.text_area(key="log.1.statement").value == "Chưa thấy Stars"
    app = save(app)
    with sqlite_register.read() as session:
        assert session.scalar(select(Evidence.file_name).where(Evidence.kind == "file")) == "biên lai.png"


def test_a_file_kept_from_an_earlier_visit_can_be_left_out_again(form: AppTest) -> None:
    app = form.file_uploader[0].upload("nhầm.png", PNG).run()
    app = app.switch_page("queue.py").run().switch_page("log_complaint.py").run()
    app = app.file_uploader[0].upload("đúng.png", PNG).run()
    drop = next(button for button in app.button if "nhầm" in button.label)
    on = drop.click().run().session_state[STATE]
    assert [file.name for file in on.files + on.dropped] == ["đúng.png"]


def test_a_file_that_cannot_be_kept_is_named_and_nothing_is_logged(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="hotline", statement="Chậm", category="other")
    app.session_state[STATE].files.append(_Named("virus.exe"))
    app = save(app.run())
    assert "Không lưu được “virus.exe”" in said(app)
    assert count(sqlite_register) == 0
    assert count(sqlite_register, Evidence) == 0
    assert app.text_area(key="log.1.statement").value == "Chậm"


def test_another_procedure_asks_for_its_level_keeps_the_rest_and_has_its_own_terms(form: AppTest) -> None:
    app = fill(form, channel="facebook", category="login", procedure="misa")
    assert not app.exception
    assert app.pills(key="log.1.channel").value == "facebook"
    assert app.pills(key="log.1.category").value == "login"
    assert list(app.pills(key="log.1.level.misa").options) == [
        "Thông thường",
        "Nghiêm trọng",
        "Đặc biệt nghiêm trọng",
    ]
    assert "10:00 thứ Hai 16/11/2026" in said(app), "MISA answers within an hour"


def test_a_procedure_slower_than_the_law_says_so(form: AppTest) -> None:
    assert "Luật 19/2023" not in said(form)
    assert "Luật 19/2023" in said(fill(form, procedure="vhv"))


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("agent", "lead", "reporter")])
def test_other_roles_do_not_log(
    role: str, sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen(sqlite_register, getattr(sqlite_cast, role), now).open("log_complaint", monkeypatch)
    assert [button.key for button in app.button if button.key and button.key.startswith("log.")] == []
    assert len(app.error) == 1


class _Named:
    """An upload with a name only."""

    file_id = "1"

    def __init__(self, name: str) -> None:
        self.name = name

    def seek(self, place: int) -> int:
        return place

    def read(self, _size: int) -> bytes:
        return b""


def test_the_language_can_change_in_the_middle_of_a_draft(
    form: AppTest, sqlite_cast: Cast, sqlite_register: Register
) -> None:
    app = fill(form, channel="hotline", statement="Chậm", category="payment", product="pops_stars", procedure="misa")
    sqlite_cast.agent.language = "en"
    app = app.run()
    i18n.use("en")  # AppTest reads labels in this thread
    assert not app.error
    assert app.title[0].value == "Log a complaint"
    assert app.text_area(key="log.1.statement").value == "Chậm"
    save(app)
    with sqlite_register.read() as session:
        kept = session.scalars(select(Complaint)).one()
    assert (kept.procedure, kept.channel, kept.category, kept.product) == ("misa", "hotline", "payment", "pops_stars")
