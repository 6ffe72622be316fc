"""A case with several issues (D34) on the pages: named at intake, added, taken out, corrected, ended one by one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register.case import complaints, details
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, Issue
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.screen import Screen, said
from tests.pages.test_log_complaint import fill, save

CODE = "KN-2026-000001"
FIRST, SECOND = ":material/list_alt: 1 · Thanh toán POPS Stars / Tắt quảng cáo", "2 · Chương bị khóa"
TO_RESOLVED = ("acknowledge", "classify", "notify_result")


def logged(register: Register, now: datetime, *steps: str, issues: tuple[str, ...] = ("locked_chapter",)) -> None:
    draft = Draft("email", now, "Trừ tiền mà không mở được chương 12", "payment", issues=issues)
    told = [PastStep(step, now, {"kind": "complaint", "text": "Đã báo khách"}) for step in steps]
    with register.write() as session:
        complaints.write_histories(session, [(draft, told)], Act(None, now))


def opened(register: Register, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, who: str) -> AppTest:
    return Screen(register, getattr(cast, who), now).open("complaint", monkeypatch, code=CODE)


def begin(app: AppTest, step: str) -> AppTest:
    return app.selectbox(key=f"step.{CODE}.1.step").set_value(step).run()


def fill_in(app: AppTest, step: str, kind: str, field: str, value: object) -> AppTest:
    after: AppTest = getattr(app, kind)(key=f"step.{CODE}.1.{step}.{field}").set_value(value).run()
    return after


def press(app: AppTest, step: str) -> AppTest:
    app = app.button(key=f"step.{CODE}.1.{step}.save").click().run()
    assert not app.exception
    return app


def stored(register: Register) -> list[tuple[int, str, str | None, str | None]]:
    with register.read() as session:
        its = session.scalars(select(Issue).order_by(Issue.number))
        return [(one.number, one.category, one.outcome, one.root_cause) for one in its]


@pytest.fixture
def form(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)


def test_another_issue_is_named_while_logging_and_folded_up_until_then(
    form: AppTest, sqlite_register: Register
) -> None:
    [folded] = [one for one in form.expander if one.label == "Còn vấn đề khác"]
    assert not folded.proto.expanded
    app = fill(form, channel="hotline", statement="Trừ tiền, chương 12 vẫn khóa", category="payment")
    app = app.multiselect(key="log.1.issues").set_value(["locked_chapter"]).run()
    assert next(one for one in app.expander if one.label == "Còn vấn đề khác").proto.expanded, "what is named is seen"
    asked = [one.label for one in app.text_input if str(one.key).startswith("log.1.details.")]
    assert {"Tên truyện", "Chương"} <= set(asked), "what it must know is asked beside that of the first"
    app = app.text_input(key="log.1.details.text.series").set_value("Conan").run()
    app = save(app)
    assert not app.exception
    assert stored(sqlite_register) == [(2, "locked_chapter", None, None)]
    with sqlite_register.read() as session:
        assert details.known(session, 1) == {"series": "Conan"}


def test_settled_at_once_each_issue_is_asked(form: AppTest, sqlite_register: Register) -> None:
    app = fill(form, channel="hotline", statement="Hỏi giá gói và cách mở chương", category="payment")
    app = app.multiselect(key="log.1.issues").set_value(["locked_chapter"]).run()
    app = fill(app, settles="inquiry")
    app = app.text_area(key="log.1.told").set_value("Đã giải đáp cả hai").run()
    app = save(app)
    assert "Hãy chọn kết quả của vấn đề này." in said(app)
    app = app.selectbox(key="log.1.issue_outcomes.locked_chapter").set_value("answered").run()
    app = save(app)
    assert not app.exception
    assert stored(sqlite_register) == [(2, "locked_chapter", "answered", None)]


def test_what_was_chosen_for_an_issue_goes_with_it(form: AppTest) -> None:
    app = fill(
        form, channel="hotline", statement="Hỏi giá gói và cách mở chương", category="payment", settles="inquiry"
    )
    app = app.multiselect(key="log.1.issues").set_value(["content", "locked_chapter"]).run()
    app = app.selectbox(key="log.1.issue_outcomes.content").set_value("rejected").run()
    app = app.multiselect(key="log.1.issues").set_value(["locked_chapter"]).run()
    assert app.selectbox(key="log.1.issue_outcomes.locked_chapter").value is None, "it was said of the other one"


@pytest.mark.parametrize("who", [role for role in ROLES if role not in ("admin", "reporter")])
def test_whoever_sees_the_case_sees_its_issues_and_customer_care_changes_them(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    draft = Draft("email", now, "Trừ tiền", "payment", issues=("locked_chapter",))
    with sqlite_register.write() as session:
        asked = {"department": "payment", "text": "Kiểm tra", "due_at": now + timedelta(days=2)}
        way = [PastStep("acknowledge", now), PastStep("classify", now, {"kind": "complaint"})]
        complaints.write_histories(session, [(draft, [*way, PastStep("forward", now, asked)])], Act(None, now))  # type: ignore[arg-type]
    app = opened(sqlite_register, sqlite_cast, now, monkeypatch, who)
    assert (FIRST in said(app), SECOND in said(app)) == (True, True)
    offered = [str(one) for box in app.selectbox if box.key == f"step.{CODE}.1.step" for one in box.options]
    assert ("Thêm vấn đề" in offered, "Bỏ vấn đề" in offered) == (who in ("agent", "lead"),) * 2


def test_one_issue_is_no_list(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, issues=())
    app = opened(sqlite_register, sqlite_cast, now, monkeypatch, "agent")
    assert FIRST not in said(app)
    assert "Bỏ vấn đề" not in app.selectbox(key=f"step.{CODE}.1.step").options, "there is none to take out"
    corrections = begin(app, "correct").selectbox(key=f"step.{CODE}.1.correct.corrects").options
    assert not [one for one in corrections if "vấn đề" in one], "nor to correct"


def test_one_is_added_and_taken_out_with_its_words_in_the_timeline(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, issues=())
    app = begin(opened(sqlite_register, sqlite_cast, now, monkeypatch, "agent"), "add_issue")
    assert "Hãy chọn nhóm của vấn đề khác." in said(press(app, "add_issue"))
    app = fill_in(app, "add_issue", "selectbox", "issue_category", "locked_chapter")
    app = fill_in(app, "add_issue", "text_area", "text", "Chương 12 vẫn khóa")
    app = press(app, "add_issue")
    text = said(app)
    assert SECOND in text and "**Thêm vấn đề** · 2 · Chương bị khóa" in text and "Chương 12 vẫn khóa" in text
    app = app.selectbox(key=f"step.{CODE}.2.step").set_value("remove_issue").run()
    assert app.selectbox(key=f"step.{CODE}.2.remove_issue.issue").value == "2", "the only one there is"
    app = app.text_area(key=f"step.{CODE}.2.remove_issue.text").set_value("Khách nói nhầm").run()
    app = app.button(key=f"step.{CODE}.2.remove_issue.save").click().run()
    text = said(app)
    assert "**Bỏ vấn đề** · 2 · Chương bị khóa" in text and "Khách nói nhầm" in text and FIRST not in text
    assert stored(sqlite_register) == []


def test_closing_asks_each_marks_what_is_missing_and_shows_how_each_ended(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, *TO_RESOLVED)
    app = begin(opened(sqlite_register, sqlite_cast, now, monkeypatch, "agent"), "close")
    assert app.selectbox(key=f"step.{CODE}.1.close.issue_outcomes.2").label == f"{SECOND}: kết quả xử lý"
    app = fill_in(app, "close", "selectbox", "outcome", "upheld")
    app = press(fill_in(app, "close", "selectbox", "root_cause", "late_reconciliation"), "close")
    assert "Hãy chọn kết quả của vấn đề này." in said(app) and "Hãy chọn nguyên nhân gốc của vấn đề này" in said(app)
    app = fill_in(app, "close", "selectbox", "issue_outcomes.2", "rejected")
    app = press(fill_in(app, "close", "selectbox", "issue_causes.2", "unknown"), "close")
    text = said(app)
    assert f"{FIRST}] · Chấp nhận khiếu nại · Đối soát chậm" in text
    assert f"{SECOND}] · Không chấp nhận · Chưa xác định" in text
    assert "vấn đề 2: Không chấp nhận, Chưa xác định" in text
    app = app.button(key=f"step.{CODE}.2.undo").click().run()
    assert not app.exception
    held = [app.selectbox(key=f"step.{CODE}.3.close.{name}").value for name in ("issue_outcomes.2", "issue_causes.2")]
    assert held == ["rejected", "unknown"], "what was typed stands in the form again"


def test_a_lead_corrects_how_an_issue_ended(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(sqlite_register, now, *TO_RESOLVED)
    with sqlite_register.write() as session:
        ends = {"outcome": "upheld", "root_cause": "unknown"}
        each = {"issue_outcomes": {"2": "rejected"}, "issue_causes": {"2": "unknown"}}
        complaints.take(session, CODE, "close", {**ends, **each}, Act(sqlite_cast.agent, now))  # type: ignore[typeddict-item]
    app = begin(opened(sqlite_register, sqlite_cast, now, monkeypatch, "lead"), "correct")
    app = fill_in(app, "correct", "selectbox", "corrects", "issue_outcome")
    assert "Đang ghi: Không chấp nhận" in said(app)
    app = fill_in(app, "correct", "selectbox", "becomes.issue_outcome", "partly")
    app = press(fill_in(app, "correct", "text_area", "text", "Đọc nhầm"), "correct")
    assert "Kết quả của vấn đề khác (2): Không chấp nhận → Chấp nhận một phần" in said(app)
    assert stored(sqlite_register) == [(2, "locked_chapter", "partly", "unknown")]
    with sqlite_register.read() as session:
        assert session.scalars(select(Complaint.outcome)).one() == "upheld", "the first issue keeps its own"


@pytest.mark.parametrize(
    ("category", "found", "why"),
    [
        ("locked_chapter", True, "by a further issue"),
        ("payment", True, "by the first"),
        ("login", False, "by no other"),
    ],
)
def test_the_queue_says_how_many_more_and_finds_a_case_by_any(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch,
    category: str, found: bool, why: str,
) -> None:  # fmt: skip
    logged(sqlite_register, now)
    screen = Screen(sqlite_register, sqlite_cast.agent, now)
    app = screen.open("queue", monkeypatch, segment="all", category=category)
    if not found:
        assert "Không có hồ sơ nào" in said(app), why
    else:
        assert rows.keys(app) == [CODE], why
        assert "Email · +1 vấn đề" in rows.texts(app, CODE)
    assert "Tìm hồ sơ theo bất kỳ vấn đề nào trong hồ sơ." in said(app)


def test_what_is_added_to_another_case_names_them(form: AppTest, sqlite_register: Register) -> None:
    """The note on the case of the same customer loses nothing of what was typed."""
    customer = {"contact": "0912345678", "name": "Trần Thị Bình"}
    app = save(fill(form, channel="hotline", **customer, statement="Trừ tiền hai lần", category="payment"))
    app = app.button(key="log.1.next").click().run()
    app = app.text_input(key="log.2.contact").set_value(customer["contact"]).run()
    app = app.text_area(key="log.2.statement").set_value("Trừ tiền hai lần, gọi lại").run()
    app = app.pills(key="log.2.category").set_value("payment").run()
    app = app.multiselect(key="log.2.issues").set_value(["locked_chapter"]).run()
    app = app.button(key=f"log.2.add.{CODE}").click().run()
    assert not app.exception
    with sqlite_register.read() as session:
        notes = session.scalars(select(Evidence.body).where(Evidence.kind == "note")).all()
    assert "Còn vấn đề khác: Chương bị khóa" in str(notes)
