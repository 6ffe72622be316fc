"""What the customer is told leaves as a mail (D46): the tick of the form, to whom, and what the case says after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register.case.customers import CustomerDraft
from core.register.log.database import Register
from core.register.messages.outbox import Failure
from core.register.people import form_drafts
from core.rules.messages import SMTP
from tests.conftest import Cast
from tests.local_time import at
from tests.pages import rows as table
from tests.pages.screen import Screen, said
from tests.register.cases import logged, take
from tests.register.messages.sent import Clock, Post, rows, use, worker

CODE = "KN-2026-000001"
NOON = at("2026-11-16 11:00")
CUSTOMER = CustomerDraft(name="Nguyễn Thị Ánh", email="anh.nguyen@example.com")


class Case:
    """A complaint, and the pages on which people read of it."""

    def __init__(self, register: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.register, self.cast, self._monkeypatch = register, cast, monkeypatch

    def log(self, channel: str = "email", *, has_server: bool = True) -> None:
        if has_server:
            use(self.register, self.cast.admin, SMTP)
        logged(self.register, self.cast, channel=channel, customer=CUSTOMER)

    def open(self, code: str = CODE) -> AppTest:
        return self.page("complaint", "agent", code=code)

    def page(self, page: str, by: str, **query: str) -> AppTest:
        app = Screen(self.register, getattr(self.cast, by), NOON).open(page, self._monkeypatch, **query)
        assert not app.exception
        return app


@pytest.fixture
def case(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Case:
    return Case(sqlite_register, sqlite_cast, monkeypatch)


def key(name: str, round_: int = 1, step: str = "acknowledge") -> str:
    return f"step.{CODE}.{round_}.{step}.{name}"


def ticks(app: AppTest, step: str = "acknowledge") -> list[bool]:
    """Whether the mail is ticked; nothing where it is not offered."""
    return [bool(box.value) for box in app.checkbox if box.key == key("mail", step=step)]


@pytest.mark.parametrize(
    ("channel", "has_server", "wanted", "why"),
    [
        ("email", True, [True], "the customer wrote a mail, and is answered by one"),
        ("email", False, [], "there is no way out"),
        ("hotline", True, [], "whoever called is answered by telephone, unless another channel is chosen"),
    ],
)
def test_it_is_offered_where_a_mail_can_be_sent(
    case: Case, channel: str, has_server: bool, wanted: list[bool], why: str
) -> None:
    case.log(channel, has_server=has_server)
    app = case.open()
    assert ticks(app) == wanted, why
    if channel == "hotline":
        app = app.selectbox(key=key("channel")).set_value("email").run()
        assert ticks(app) == [False], "offered with the channel, and for the person to tick"


def test_who_sends_it_sees_to_whom_and_how(case: Case) -> None:
    case.log()
    app = case.open()
    assert "từ so@pops.example tới anh.nguyen@example.com" in said(app)
    assert app.text_input(key=key("subject")).placeholder == f"[{CODE}] Đã tiếp nhận khiếu nại của Quý khách"
    app = app.checkbox(key=key("mail")).uncheck().run()
    assert "so@pops.example" not in said(app)


def test_what_is_refused_stands_at_its_field_and_nothing_is_lost(case: Case) -> None:
    case.log()
    app = case.open()
    app.text_input(key=key("subject")).set_value("Về 200 Stars")
    app = app.button(key=key("save")).click().run()
    assert "Hãy viết nội dung thư." in said(app)
    assert (app.text_input(key=key("subject")).value, ticks(app)) == ("Về 200 Stars", [True])
    assert rows(case.register) == []


def test_it_is_saved_sent_and_the_case_says_so(case: Case) -> None:
    case.log()
    app = case.open()
    app.text_area(key=key("text")).set_value("Chúng tôi đã nhận.")
    app = app.button(key=key("save")).click().run()
    assert "Thư cho khách: đang gửi" in said(app)
    worker(case.register, Clock(NOON), Post()).round()
    app = case.open()
    assert "Thư cho khách: đã gửi · 16/11/2026 11:00" in said(app)
    assert f"[{CODE}] Đã tiếp nhận khiếu nại của Quý khách" in [one.value for one in app.text], "as it was sent"
    assert f"step.{CODE}.1.undo" not in [button.key for button in app.button], "what has left is not undone (D46)"


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Failure("refused 550", is_final=True), "không gửi được"),
        (Failure("no answer", is_unsure=True), "chưa chắc đã đến"),
    ],
)
def test_one_that_did_not_arrive_asks_for_a_call(case: Case, failure: Failure, says: str) -> None:
    case.log()
    app = case.open()
    app.text_area(key=key("text")).set_value("Chúng tôi đã nhận.")
    app.button(key=key("save")).click().run()
    worker(case.register, Clock(NOON), Post(failure=failure)).round()
    shown = said(case.open())
    assert f"Thư cho khách: {says}" in shown and "Hãy gọi điện cho khách" in shown
    notices = case.page("notices", "agent")
    assert "Thư gửi khách chưa chắc đã đến: hãy gọi điện cho khách" in [
        element.proto.label for element in notices.get("page_link")
    ]
    admin = said(case.page("outlets", "admin"))
    assert f"khách hàng của {CODE}" in admin
    assert "anh.nguyen" not in admin and "đã nhận" not in admin, "neither the address nor the text"


def test_a_draft_keeps_that_the_tick_was_taken_away(case: Case) -> None:
    """Else a mail would leave that somebody had decided not to send."""
    case.log()
    with case.register.write() as session:
        fields = {"step": "acknowledge", "acknowledge.mail": False, "acknowledge.text": "Đã gọi", "version": 1}
        form_drafts.keep(
            session, case.cast.agent.id, form_drafts.of_case(CODE), "eins-zwei", fields, now=NOON - timedelta(minutes=5)
        )
    app = case.open()
    assert app.text_area(key=key("text")).value == "Đã gọi"
    assert ticks(app) == [False]


def test_an_undone_step_stands_in_the_form_with_its_mail(case: Case) -> None:
    case.log()
    app = case.open()
    app.text_area(key=key("text")).set_value("Chúng tôi đã nhận.")
    app.text_input(key=key("subject")).set_value("Về 200 Stars")
    app = app.button(key=key("save")).click().run()
    app = app.button(key=f"step.{CODE}.2.undo").click().run()
    assert not app.exception
    assert app.text_input(key=key("subject", 3)).value == f"[{CODE}] Về 200 Stars"
    assert app.checkbox(key=key("mail", 3)).value is True
    assert [row.state for row in rows(case.register)] == ["dropped"]


def test_a_paper_goes_along(case: Case) -> None:
    """One that was issued is offered, and leaves with the mail as it was issued (D39)."""
    case.log()
    post = Post()
    with_slip = logged(case.register, case.cast, channel="email", customer=CUSTOMER)
    for step in ("acknowledge", "classify"):
        take(case.register, step, with_slip, case.cast.agent, NOON, kind="complaint")
    take(case.register, "notify_result", with_slip, case.cast.agent, NOON, text="Đã hoàn", channel="email")
    take(case.register, "issue_paper", with_slip, case.cast.lead, NOON, paper="written_reply", text="Đã hoàn 200 Stars")
    take(case.register, "refuse", with_slip, case.cast.agent, NOON, text="Chưa thấy", due_at=NOON + timedelta(days=1))
    app = case.open(with_slip.code)
    prefix = f"step.{with_slip.code}.1"
    app = app.selectbox(key=f"{prefix}.step").set_value("notify_result").run()
    offered = app.multiselect(key=f"{prefix}.notify_result.enclosed")
    assert offered.options == ["Văn bản trả lời 0001/2026/TL"]
    app = offered.set_value(["0001/2026/TL"]).run()
    app.text_area(key=f"{prefix}.notify_result.text").set_value("Xin gửi văn bản trả lời.")
    app = app.button(key=f"{prefix}.notify_result.save").click().run()
    assert not app.exception
    worker(case.register, Clock(NOON), post).round()
    ((enclosed,),) = [letter.enclosed for letter in post.letters if letter.is_by_person]
    assert enclosed.content.startswith(b"%PDF") and enclosed.name.endswith(".pdf")


def test_many_are_acknowledged_by_a_mail_each(case: Case) -> None:
    """What cannot leave as a mail stays as it is, and says why."""
    case.log()
    logged(case.register, case.cast, channel="email", customer=CustomerDraft("Bình", email="binh@example.com"))
    logged(case.register, case.cast, channel="hotline", customer=CUSTOMER)
    logged(case.register, case.cast, channel="email", customer=CustomerDraft("Chi", "0987 654 321"))
    codes = [f"KN-2026-00000{n}" for n in range(1, 5)]
    app = table.tick(case.page("queue", "agent", segment="all"), "queue_rows", *codes)
    app = app.checkbox(key="queue_mail").check().run()
    app = app.text_area(key="queue_answered").set_value("Chúng tôi đã nhận {code}.").run()
    app = app.button(key="queue_acknowledge").click().run()
    assert "Thư còn chỗ trống trong dấu ngoặc nhọn" in app.warning[0].value, "no answer text that fills it in was used"
    app = table.tick(app, "queue_rows", *codes)
    app = app.checkbox(key="queue_mail").check().run()
    app = app.text_area(key="queue_answered").set_value("Chúng tôi đã nhận.").run()
    app = app.button(key="queue_acknowledge").click().run()
    assert not app.exception
    told = app.warning[0].value
    assert "Đã tiếp nhận 2 hồ sơ" in told
    assert f"{codes[2]}: Thư được gửi qua kênh Email" in told
    assert f"{codes[3]}: Khách hàng chưa có địa chỉ email gửi được" in told
    post = Post()
    worker(case.register, Clock(NOON), post).round()
    assert [(one.to, one.subject) for one in post.letters if one.is_by_person] == [
        (address, f"[{code}] Đã tiếp nhận khiếu nại của Quý khách")
        for address, code in (("anh.nguyen@example.com", codes[0]), ("binh@example.com", codes[1]))
    ]
