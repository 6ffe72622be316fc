"""Họp tuần: who opens, writes and closes it, what it says, what stays frozen and what is restated beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Caption, HeadingBase, Markdown, Node

from core.i18n import by_language, gettext, moment, number
from core.insight import facts, figures
from core.insight.filters import Filter
from core.insight.weekly import OVERDUE
from core.papers import pack, review, review_words
from core.papers.review_words import week_name
from core.register import rulebook
from core.register.case.complaints import log, take
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Person
from core.register.log.verify import verify
from core.register.meetings import decisions, minutes
from core.register.people import accounts
from core.register.reads import meetings
from core.rules.catalogue import Entry
from core.rules.masking import mask_name
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages import rows
from tests.pages.analysis import cards, count, links, opener
from tests.pages.screen import Open, Screen, as_read, said
from tests.papers.test_minutes import words
from tests.papers.test_slides import charts, texts

WEEK = date(2026, 11, 9)
"""The week before MONDAY, which is reviewed."""


@pytest.fixture
def open_page(filled: tuple[Register, Cast], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(*filled, now, monkeypatch)


@pytest.fixture
def see(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A register with one complaint, whose acknowledgement fell due last week and was late."""
    with sqlite_register.write() as session:
        began = MONDAY - timedelta(days=7)
        complaint = log(
            session,
            Draft("hotline", began, "Nạp rồi chưa có Stars", "payment", procedure="pops"),
            Act(sqlite_cast.agent, began),
        )
        session.flush()
        late = began + timedelta(days=3)
        take(
            session,
            complaint.code,
            "acknowledge",
            {"channel": "hotline", "text": "Đã nhận"},
            Act(sqlite_cast.agent, late),
        )
    return opener(sqlite_register, sqlite_cast, now, monkeypatch)


@pytest.mark.parametrize("role", ["lead", "manager", "analyst", "admin"])
def test_it_opens_on_the_last_full_week_and_its_numbers_open_their_rows(
    open_page: Open, filled: tuple[Register, Cast], now: datetime, role: str
) -> None:
    app = open_page("meeting", role)
    assert not app.exception
    assert app.title[0].value.startswith("Tuần 46: ")
    shown = {label: query for label, query in links(app).items() if query.get("from") == "2026-11-09"}
    assert shown, "numbers of the week open their rows"
    known = facts.current(filled[0])
    kept = figures.ask("resolve_in_time", known, Filter(WEEK, WEEK + timedelta(days=6)), now).iloc[0]
    made = f"{int(kept['met'])} trên {int(kept['due'])}"
    assert count(filled[0], shown[made], now) == kept["due"]
    assert ("meeting_open" in {button.key for button in app.button}) is (role in {"lead", "manager"})


@pytest.mark.parametrize("role", ["agent", "handler"])
def test_who_sees_no_figures_sees_no_review(open_page: Open, role: str) -> None:
    assert "không thuộc vai trò" in said(open_page("meeting", role))


WEEKS = [
    ("2026-W45", "Tuần 45: ", "an earlier week"),
    ("2026-W47", "Tuần 47: ", "the week that runs"),
    ("2026-W48", "Tuần 46: ", "a week to come: the last full one"),
    ("2026-W99", "Tuần 46: ", "no week"),
    ("abc", "Tuần 46: ", "no week at all"),
]


@pytest.mark.parametrize(("given", "title", "why"), WEEKS, ids=[row[-1] for row in WEEKS])
def test_any_week_by_its_name(open_page: Open, given: str, title: str, why: str) -> None:
    assert open_page("meeting", "manager", week=given).title[0].value.startswith(title), why


def test_who_sees_one_branch_alone_sees_no_review(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not see("meeting", "lead").exception
    with sqlite_register.write() as session:
        act = Act(sqlite_cast.admin, now)
        rulebook.add_catalogue(session, "branches", (Entry("hanoi", "Hà Nội", "Ha Noi"),), act)
        accounts.set_role(session, sqlite_cast.lead.id, "lead", None, act, branch="hanoi")
    with sqlite_register.read() as session:
        lead = session.get_one(Person, sqlite_cast.lead.id)
        session.expunge(lead)
    assert "về mọi chi nhánh" in said(Screen(sqlite_register, lead, now).open("meeting", monkeypatch))


def opened(see: Open) -> AppTest:
    app = see("meeting", "lead").button(key="meeting_open").click().run()
    assert not app.exception
    assert app.query_params["write"] == "1"
    return app


def meeting(register: Register) -> meetings.Whole:
    with register.read() as session:
        found = meetings.whole(session, WEEK)
    assert found is not None
    return found


def test_a_meeting_from_opening_to_freezing(see: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    app = opened(see)
    app = app.text_area(key="note.1.present").set_value("Lan, Minh").run()
    app = app.text_area(key="note.1.misses").set_value("Chờ đối tác").run()
    assert meeting(sqlite_register).notes["misses"].text == "Chờ đối tác"
    app.text_area(key="decision_text.0").set_value("Gọi cổng thanh toán")
    app.selectbox(key="decision_owner.0").set_value(sqlite_cast.agent.id)
    app = app.button(key="decision_add").click().run()
    assert "Quyết định (1)" in said(app)
    assert app.text_area(key="decision_text.1").value == "", "the next one begins empty"
    app = app.button(key="meeting_close").click().run()
    app = app.button(key="meeting_close_sure").click().run()
    assert not app.exception
    found = meeting(sqlite_register)
    assert found.closed_by == sqlite_cast.lead.name
    frozen = review.kept(found.figures)
    assert frozen["figures"]["week"] == "2026-11-09"
    assert "note.1.misses" not in {area.key for area in app.text_area}
    text = said(see("meeting", "analyst"))
    assert "Số liệu chốt lúc" in text
    assert "Chờ đối tác" in text
    assert "tính lại từ đó" not in text, "nothing changed since"
    assert verify(sqlite_register).is_whole


def test_what_is_missing_of_a_decision_is_said_and_kept(see: Open) -> None:
    app = opened(see)
    app.text_area(key="decision_text.0").set_value("Gọi cổng thanh toán")
    app = app.button(key="decision_add").click().run()
    assert "Chọn người thực hiện." in said(app)
    assert app.text_area(key="decision_text.0").value == "Gọi cổng thanh toán"


def test_what_somebody_else_wrote_meanwhile_is_not_lost(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    app = opened(see)
    with sqlite_register.write() as session:
        minutes.note(session, 1, "other", "của Minh", Act(sqlite_cast.manager, now), seen=0)
    app = app.text_area(key="note.1.other").set_value("của tôi").run()
    assert meeting(sqlite_register).notes["other"].text == "của Minh"
    assert app.text_area(key="note.1.other").value == "của tôi"
    assert "của Minh" in said(app)
    app = app.button(key="note.1.other.mine").click().run()
    app = app.text_area(key="note.1.other").set_value("của Minh và của tôi").run()
    assert meeting(sqlite_register).notes["other"].text == "của Minh và của tôi"


def test_a_later_correction_restates_beside_the_frozen_figures(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "tính lại từ đó" not in said(see("meeting", "manager"))
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, Act(sqlite_cast.lead, now))
    review.close(sqlite_register, 1, Act(sqlite_cast.lead, now), sqlite_cast.lead)
    before = review.kept(meeting(sqlite_register).figures)
    with sqlite_register.write() as session:
        code = session.scalars(select(Complaint.code)).one()
        was = MONDAY - timedelta(days=7) + timedelta(hours=1)
        fields = StepFields(corrects="happened_at", becomes=was, of=2, text="ghi nhầm")
        later = now + timedelta(hours=1)
        take(session, code, "correct", fields, Act(sqlite_cast.lead, later))
    text = said(Screen(sqlite_register, sqlite_cast.manager, later).open("meeting", monkeypatch))
    assert "tính lại từ đó" in text
    assert "Tiếp nhận đúng hạn: 0 % (0 trên 1) → 100 % (1 trên 1)" in text
    assert "1 lần sửa" in text
    assert review.kept(meeting(sqlite_register).figures) == before, "the frozen ones stay"
    following = Screen(sqlite_register, sqlite_cast.manager, later).open("meeting", monkeypatch, week="2026-W47")
    assert "Tuần 46 (09/11–15/11/2026), tính lại từ đó" in said(following), "told in the meeting after it"


def test_what_was_decided_stands_where_its_owner_looks(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    with sqlite_register.write() as session:
        act = Act(sqlite_cast.lead, now)
        minutes.begin(session, WEEK, act)
        decisions.decide(session, 1, "Gọi cổng thanh toán", sqlite_cast.agent.id, date(2026, 11, 16), act)
    assert cards(see("overview", "agent"))["Quyết định của họp tuần"] == "1"
    assert "Quyết định của họp tuần" not in cards(see("overview", "handler"))
    app = see("prevention", "agent")
    assert "Gọi cổng thanh toán" in said(app)
    app = app.button(key="decision_done_1").click().run()
    assert not app.exception
    with sqlite_register.read() as session:
        assert meetings.undone(session) == []


def test_what_was_frozen_is_shown_as_frozen_with_what_it_is_today_beside_it(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page, slides and minutes say the numbers that closing froze, and each that is another one today beside it."""
    lead, began = Act(sqlite_cast.lead, now), MONDAY - timedelta(days=6)
    with sqlite_register.write() as session:
        for hours in range(3):
            at = began + timedelta(hours=hours)
            log(session, Draft("letter", at, "Thư", "content", procedure="pops"), Act(sqlite_cast.agent, at))
        minutes.begin(session, WEEK, lead)
    assert not see("meeting", "lead").exception
    review.close(sqlite_register, 1, lead, sqlite_cast.lead)
    frozen = review.kept(meeting(sqlite_register).figures)
    later = now + timedelta(hours=3)
    with sqlite_register.write() as session:
        code = session.scalars(select(Complaint.code).order_by(Complaint.id)).first()
        was = MONDAY - timedelta(days=7) + timedelta(hours=1)
        fields = StepFields(corrects="happened_at", becomes=was, of=2, text="ghi nhầm")
        take(session, code or "", "correct", fields, Act(sqlite_cast.lead, later))
        came = Draft("letter", began, "Thư đến muộn", "content", procedure="pops")
        log(session, came, Act(sqlite_cast.agent, later))
    person, known = sqlite_cast.manager, facts.current(sqlite_register)
    assert review.frozen(review.of_week(sqlite_register, WEEK, later, person)[0]) == review.frozen(frozen)
    changed = [review_words.restated(one, {}, later.date()) for one in review.restated(known, frozen)]
    assert [one.split(":")[0] for one in changed] == ["Tiếp nhận đúng hạn", "Hồ sơ ghi nhận", "Đang quá hạn"]
    app = Screen(sqlite_register, person, later).open("meeting", monkeypatch)
    deck, paper = (pack.make(sqlite_register, WEEK, kind, later, person) for kind in ("pptx", "pdf"))
    (foot,) = [one.proto.body for one in app.get("html") if "@bottom-left" in one.proto.body][-1:]
    assert f"số liệu lúc {moment(now)}" in foot, "on paper it is of the moment that it was frozen at"
    told = {"page": said(app), "slides": as_read(texts(deck)), "minutes": as_read(words(paper))}
    for where, text in told.items():
        assert all(as_read(one) in text for one in changed), where
    for one, row in zip(frozen["figures"]["numbers"], review_words.table(frozen)[1], strict=True):
        part = number(one["week"]["part"])
        shown = part if one["name"] == OVERDUE else review_words.value(one["week"], one["name"])
        assert cards(app)[review_words.name(one)] == shown, "the card on the page"
        assert as_read("\n".join(row)) in told["slides"], "the row of the slides"
        assert as_read(" ".join(row)) in told["minutes"], "and that of the minutes"
    for promise, chart in zip(frozen["figures"]["promises"], charts(deck), strict=False):
        assert chart["Đúng hạn"] == [one["share"] and one["share"] * 100 for one in promise["weeks"]]


@pytest.mark.usefixtures("see")
@pytest.mark.parametrize("role", ["lead", "manager", "analyst", "admin"])
@pytest.mark.parametrize("is_closed", [False, True])
def test_who_has_what_is_named_to_whoever_opens_the_queue(
    sqlite_register: Register,
    sqlite_cast: Cast,
    now: datetime,
    role: str,
    is_closed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Page, slides and minutes say the same, frozen or not: names to those who lead or do the work, else initials."""
    agent, later, person = sqlite_cast.agent.name, now + timedelta(days=21), getattr(sqlite_cast, role)
    act = Act(sqlite_cast.lead, later)
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, act)
        decisions.decide(session, 1, "Gọi cổng thanh toán", sqlite_cast.agent.id, date(2026, 12, 16), act)
    if is_closed:
        review.close(sqlite_register, 1, act, sqlite_cast.lead)
        assert agent in meeting(sqlite_register).figures, "frozen whole, whoever reads it"
    app = Screen(sqlite_register, person, later).open("meeting", monkeypatch, week=week_name(WEEK))
    held = [text for code in rows.keys(app) for text in rows.texts(app, code)]
    deck, paper = (pack.make(sqlite_register, WEEK, kind, later, person) for kind in ("pptx", "pdf"))
    told = {"page": "\n".join([said(app), *held]), "slides": texts(deck), "minutes": words(paper)}
    for where, text in told.items():
        assert "Gọi cổng thanh toán" in text, where
        is_named = role in {"lead", "manager"}
        assert (agent in text) is is_named, where
        assert (f"{mask_name(agent)} 1" in text) is not is_named, where


NUMBERS = re.compile(r"\d+(?:[.,/]\d+)*(?: %)?")


def numbers_of(text: str) -> set[str]:
    """The numbers of a text, shares with their sign, days as ``16/11``; codes of cases in two parts."""
    return {re.sub(r"^(\d\d/\d\d)/\d{4}$", r"\1", one) for one in NUMBERS.findall(text.replace("\u00a0", " "))}


def printed(node: Node) -> Iterator[str]:
    """The texts that stand on paper: of the page without what opens by a click, and beside the bars of charts."""
    if isinstance(node, Block):
        if node.type != "popover":
            for one in node.children.values():
                yield from printed(one)
    elif node.type == "plotly_chart":
        for trace in json.loads(node.proto.spec)["data"]:
            yield from map(str, trace.get("text") or ())
    elif node.type == "page_link":
        yield node.proto.label
    elif isinstance(node, (Markdown, Caption, HeadingBase)):
        yield as_read(node.value)


def test_the_minutes_say_every_number_of_the_page(
    open_page: Open, filled: tuple[Register, Cast], now: datetime
) -> None:
    """Cards, what they are beside, the numbers beneath the charts, rows, findings: A4 of the page and PDF are one."""
    register, cast = filled
    app = open_page("meeting", "manager", week=week_name(WEEK))
    told = [*printed(app.main), *cards(app).values()]
    told += [text for code in rows.keys(app) for text in rows.texts(app, code)]
    paper = words(pack.make(register, WEEK, "pdf", now, cast.manager))
    on_page = numbers_of("\n".join(told))
    assert len(on_page) > 60, "the page was read"
    assert on_page - numbers_of(paper) == set()
    for name in ("Nhóm khiếu nại", "Nguyên nhân gốc", "Phòng ban trả lời", "Cam kết theo tuần"):
        assert name in paper


def test_what_is_cut_says_how_many_others_there_are(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty are overdue: ten stand on the page and the slide, thirty in the minutes, each with how many there are."""
    began = MONDAY - timedelta(days=40)
    with sqlite_register.write() as session:
        for hours in range(40):
            came = began + timedelta(hours=hours)
            log(session, Draft("letter", came, "Thư", "content", procedure="pops"), Act(sqlite_cast.agent, came))
    app = Screen(sqlite_register, sqlite_cast.lead, now).open("meeting", monkeypatch, week=week_name(WEEK))
    assert len(rows.keys(app)) == 10
    assert "Cả 40 hồ sơ quá hạn" in [link.proto.label for link in app.main.get("page_link")]
    assert "Quá hạn (10 trên 40)" in texts(pack.make(sqlite_register, WEEK, "pptx", now, sqlite_cast.lead))
    paper = words(pack.make(sqlite_register, WEEK, "pdf", now, sqlite_cast.lead))
    assert len(set(re.findall(r"KN-2026-\d{6}", paper))) == review.MOST
    assert "và 10 hồ sơ khác" in paper


def test_the_name_of_a_week() -> None:
    assert week_name(date(2026, 12, 28)) == "2026-W53"
    assert week_name(date(2027, 1, 4)) == "2027-W01"


def test_frozen_figures_are_json_that_says_what_log_they_are_of(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, Act(sqlite_cast.lead, now))
    review.close(sqlite_register, 1, Act(sqlite_cast.lead, now), sqlite_cast.lead)
    found = meeting(sqlite_register)
    assert json.loads(found.figures)["last_event"] == found.after
    assert datetime.fromisoformat(json.loads(found.figures)["figures"]["as_of"]).tzinfo == UTC
    assert see("meeting", "lead").exception == []


def test_how_a_frozen_number_was_counted_stays(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    """A later version of the program may count otherwise, and say so: what was frozen keeps its own definition."""
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, Act(sqlite_cast.lead, now))
    review.close(sqlite_register, 1, Act(sqlite_cast.lead, now), sqlite_cast.lead)
    found = review.kept(meeting(sqlite_register).figures)
    assert found["definitions"] == {
        one["name"]: by_language(figures.FIGURES[one["name"]].definition) for one in found["figures"]["numbers"]
    }
    (volume,) = [one for one in found["figures"]["numbers"] if one["name"] == "volume"]
    today = gettext(figures.FIGURES["volume"].definition)
    found["definitions"]["volume"]["vi"] = "Đếm theo cách của năm xưa."
    assert review_words.definition(found, volume) == "Đếm theo cách của năm xưa."
    del found["definitions"]
    assert review_words.definition(found, volume) == today, "of a review that was frozen without"
    paper = as_read(words(pack.make(sqlite_register, WEEK, "pdf", now, sqlite_cast.lead)))
    assert as_read(" ".join(today.split())) in paper
    assert see("meeting", "lead").exception == []


def test_what_is_logged_while_the_figures_are_read_is_frozen_too(
    see: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts are read before the seal: without a second look the seal would cover a case that no figure counts."""
    assert see("meeting", "lead").exception == []
    act, asked = Act(sqlite_cast.lead, now), list[int]()
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, act)

    def facts_then_a_complaint(register: Register) -> facts.Facts:
        found = facts.current(register)
        asked.append(found.last_event)
        if len(asked) == 1:
            with register.write() as session:
                came = Draft(
                    "hotline", MONDAY - timedelta(days=6), "Chương bị khóa", "locked_chapter", procedure="pops"
                )
                log(session, came, Act(sqlite_cast.agent, now))
        return found

    monkeypatch.setattr(review, "current", facts_then_a_complaint)
    review.close(sqlite_register, 1, act, sqlite_cast.lead)
    frozen = review.kept(meeting(sqlite_register).figures)
    volume = next(one for one in frozen["figures"]["numbers"] if one["name"] == "volume")
    assert volume["week"]["part"] == 2, "the one from the beginning and the one that came meanwhile"
    assert len(asked) == 2
