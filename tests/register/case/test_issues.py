"""A case may hold several issues (D34): one set of deadlines, an outcome and a cause for each of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core import shipped
from core.errors import Invalid, NotAllowed
from core.insight import facts, volume
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import csv, rows
from core.papers.csv import Words
from core.papers.dictionary import chosen
from core.register import rulebook
from core.register.case import case as cases
from core.register.case import complaints, intake
from core.register.case.intake import Settled
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.tables import Complaint, Issue, SlaCycle
from core.register.log.verify import verify
from core.register.organisation import lists
from core.register.reads import dossier, queue
from core.register.reads.queue import Narrow
from core.rules.calendar import local_day
from core.rules.details import fields_of
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.insight.given import beside
from tests.local_time import at
from tests.register.cases import MON, TO_CLOSED, draft, logged, take
from tests.register.log.old_register import back_to
from tests.register.ways import PAYMENT

SOON, LATER = at("2026-11-16 09:30"), at("2026-11-18 10:00")
CLOSING: StepFields = {"outcome": "upheld", "root_cause": "late_reconciliation"}
CHAPTER = {"series": "Conan", "chapter": "12"}
"""What must be known of a locked chapter before the complaint is forwarded."""
BOTH: StepFields = {**CLOSING, "issue_outcomes": {"2": "rejected"}, "issue_causes": {"2": "unknown"}}


def of(register: Register, complaint: Complaint) -> list[tuple[int, str, str | None, str | None]]:
    """The further issues as the table has them."""
    with register.read() as session:
        its = select(Issue).where(Issue.complaint_id == complaint.id).order_by(Issue.number)
        return [(one.number, one.category, one.outcome, one.root_cause) for one in session.scalars(its)]


def add(register: Register, complaint: Complaint, by: Actor, category: str = "locked_chapter") -> Complaint:
    return take(register, "add_issue", complaint, by, LATER, issue_category=category, text="Chương 12 bị khóa")


def told(register: Register, cast: Cast, *more: str) -> Complaint:
    """A complaint about a payment and ``more``, whose result was told."""
    known = {"payment": PAYMENT, "locked_chapter": CHAPTER, "login": {"account": "mai99"}}
    details = {key: value for category in ("payment", *more) for key, value in known[category].items()}
    complaint = logged(register, cast, issues=more, details=details)
    for step, fields, when, _state in TO_CLOSED[:-1]:
        complaint = take(register, step, complaint, cast.agent, at(when), **fields)
    return complaint


def refused(register: Register, step: str, complaint: Complaint, by: Actor, **fields: object) -> dict[str, str]:
    with pytest.raises(Invalid) as why:
        take(register, step, complaint, by, LATER, **fields)  # type: ignore[arg-type]
    return dict(why.value.fields)


def test_one_call_about_two_things_is_one_case_with_one_set_of_deadlines(register: Register, cast: Cast) -> None:
    alone, several = logged(register, cast), logged(register, cast, issues=("locked_chapter", "content"))
    assert of(register, several) == [(2, "locked_chapter", None, None), (3, "content", None, None)]
    with register.read() as session:
        clocks = {
            one.code: [
                (clock.term, clock.due_at)
                for clock in session.scalars(select(SlaCycle).where(SlaCycle.complaint_id == one.id))
            ]
            for one in (alone, several)
        }
    assert clocks[alone.code] == clocks[several.code], "its first issue alone decides"
    assert (several.category, several.assignee_id, several.state) == ("payment", None, "received")
    assert verify(register).is_whole


def test_what_each_issue_must_know_is_asked_for_alike(register: Register, cast: Cast) -> None:
    """Named at intake or later: nothing of it is lost, missing values are seen, and needed before it is forwarded."""
    complaint = logged(register, cast, issues=("locked_chapter",), details=PAYMENT | {"series": "Conan"})
    with register.read() as session:
        values = dossier.read(session, complaint.code, by=cast.agent, now=LATER, language="vi").values
    known = {one.field.key: one.value for one in values if not one.is_other}
    assert list(known) == [*known_of("payment"), *known_of("locked_chapter")], "the first issue's before the others'"
    assert (known["series"], known["chapter"]) == ("Conan", "")
    for step, fields, when, _state in TO_CLOSED[:2]:
        complaint = take(register, step, complaint, cast.agent, at(when), **fields)
    asked = TO_CLOSED[2][1]
    assert TO_CLOSED[2][0] == "forward"
    assert refused(register, "forward", complaint, cast.agent, **asked).keys() == {"details.chapter"}
    complaint = take(register, "details", complaint, cast.agent, LATER, details={"chapter": "12"})
    take(register, "forward", complaint, cast.agent, LATER, **asked)
    other = take(register, "remove_issue", complaint, cast.agent, LATER, issue=2, text="Khách nói nhầm")
    with register.read() as session:
        values = dossier.read(session, other.code, by=cast.agent, now=LATER, language="vi").values
    assert {one.field.key: one.value for one in values if one.is_other} == CHAPTER, "what is known stays"
    assert verify(register).is_whole


def known_of(category: str) -> list[str]:
    return list(fields_of(shipped.catalogues("pops").categories, category))


@pytest.mark.parametrize("named", [(), ("locked_chapter",)])
def test_a_form_gives_what_its_issues_ask_for_and_nothing_else(
    named: tuple[str, ...], sqlite_register: Register, sqlite_cast: Cast
) -> None:
    if named:
        assert logged(sqlite_register, sqlite_cast, issues=named, details=PAYMENT | CHAPTER).code
        return
    with pytest.raises(Invalid) as why:
        logged(sqlite_register, sqlite_cast, details=PAYMENT | CHAPTER)
    assert why.value.fields.keys() == {"details.series", "details.chapter"}


def test_one_may_come_up_later_and_moves_nothing(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    after = add(register, complaint, cast.agent)
    assert of(register, after) == [(2, "locked_chapter", None, None)]
    assert (after.state, after.assignee_id, after.next_due_at) == ("received", None, complaint.next_due_at)
    with register.read() as session:
        found = dossier.read(session, after.code, by=cast.agent, now=LATER, language="vi")
    assert found.moments[-1].text == "Chương 12 bị khóa", "what the customer says of it stands with the step"
    assert verify(register).is_whole


def test_a_number_is_given_once(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, issues=("locked_chapter", "content"))
    without = take(register, "remove_issue", complaint, cast.agent, LATER, issue=2, text="Khách nói nhầm")
    assert of(register, without) == [(3, "content", None, None)], "the others keep theirs"
    assert refused(register, "remove_issue", without, cast.agent, issue=2, text="Lần nữa").keys() == {"issue"}
    assert [number for number, *_ in of(register, add(register, without, cast.agent))] == [3, 4]
    assert verify(register).is_whole


def test_the_last_one_is_undone(register: Register, cast: Cast) -> None:
    after = add(register, logged(register, cast), cast.agent)
    back = take(register, "undo", after, cast.agent, LATER + timedelta(minutes=5))
    assert of(register, back) == []
    assert verify(register).is_whole


REFUSED = [
    # step, fields, the fields to mend, why
    ("add_issue", {}, {"issue_category"}, "an issue is about something"),
    ("add_issue", {"issue_category": "astrology"}, {"issue_category"}, "a category of the list"),
    ("remove_issue", {"text": "Nhầm"}, {"issue"}, "which one?"),
    ("remove_issue", {"issue": 1, "text": "Nhầm"}, {"issue"}, "the first is the complaint itself: it is classified"),
    ("remove_issue", {"issue": 7, "text": "Nhầm"}, {"issue"}, "there is no such one"),
    ("remove_issue", {"issue": 2}, {"text"}, "the record says why"),
]


@pytest.mark.parametrize(("step", "fields", "wrong", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_is_refused(
    step: str, fields: dict[str, object], wrong: set[str], why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = logged(sqlite_register, sqlite_cast, issues=("content",))
    assert refused(sqlite_register, step, complaint, sqlite_cast.agent, **fields).keys() == wrong, why


def test_ten_issues_are_the_most(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast, issues=("content",) * 9)
    wrong = refused(sqlite_register, "add_issue", complaint, sqlite_cast.agent, issue_category="content")
    assert wrong.keys() == {"issue_category"}
    with sqlite_register.read() as session:
        found = intake.check(session, draft(issues=("content",) * 10), now=MON, by=sqlite_cast.agent)
        unknown = intake.check(session, draft(issues=("astrology",)), now=MON, by=sqlite_cast.agent)
    assert [*found, *unknown] == ["issues", "issues"]


ENDS = [
    # what closing says beside the first issue, the fields to mend, why
    ({}, {"issue_outcomes.2", "issue_causes.2"}, "each issue ends by itself"),
    ({"issue_outcomes": {"2": "rejected"}}, {"issue_causes.2"}, "a cause is demanded of each"),
    ({"issue_causes": {"2": "unknown"}}, {"issue_outcomes.2"}, "and an outcome"),
    ({"issue_outcomes": {"3": "rejected"}, "issue_causes": {"3": "unknown"}}, {"issue_outcomes.2", "issue_causes.2"},
     "of another number"),
    ({**BOTH, "issue_outcomes": {"2": "withdrawn"}}, {"issue_outcomes.2"}, "the customer withdraws a case as a whole"),
    ({**BOTH, "issue_outcomes": {"2": "inadmissible"}}, {"issue_outcomes.2"}, "so are cases refused"),
]  # fmt: skip


@pytest.mark.parametrize(("ends", "wrong", "why"), ENDS, ids=[row[-1] for row in ENDS])
def test_no_case_closes_while_an_issue_has_no_end(
    ends: StepFields, wrong: set[str], why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    complaint = told(sqlite_register, sqlite_cast, "locked_chapter")
    assert refused(sqlite_register, "close", complaint, sqlite_cast.agent, **{**CLOSING, **ends}).keys() == wrong, why


def test_each_has_its_own_end_which_re_opening_takes_and_the_cause_it_keeps(register: Register, cast: Cast) -> None:
    closed = take(register, "close", told(register, cast, "locked_chapter"), cast.agent, LATER, **BOTH)
    assert (closed.outcome, closed.root_cause) == ("upheld", "late_reconciliation")
    assert of(register, closed) == [(2, "locked_chapter", "rejected", "unknown")]
    with pytest.raises(NotAllowed):
        add(register, closed, cast.agent)
    again = take(register, "reopen", closed, cast.agent, LATER, text="Vẫn còn khóa")
    assert of(register, again) == [(2, "locked_chapter", None, "unknown")]
    withdrawn = take(register, "withdraw", again, cast.agent, LATER, text="Khách rút")
    assert of(register, withdrawn) == [(2, "locked_chapter", "withdrawn", "unknown")]
    assert verify(register).is_whole


def test_an_inquiry_needs_no_cause_of_any(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast, kind="inquiry", issues=("content",))
    complaint = take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, SOON)
    complaint = take(sqlite_register, "notify_result", complaint, sqlite_cast.agent, SOON, text="Đã giải đáp")
    answered: StepFields = {"outcome": "answered", "issue_outcomes": {"2": "answered"}}
    closed = take(sqlite_register, "close", complaint, sqlite_cast.agent, SOON, **answered)
    assert of(sqlite_register, closed) == [(2, "content", "answered", None)]


def test_what_is_settled_at_once_ends_each(register: Register, cast: Cast) -> None:
    given, act = draft(kind="inquiry", issues=("content",)), Act(cast.agent, MON)
    lacking = Settled("inquiry", "Đã giải đáp", "answered")
    with register.read() as session:
        wrong = intake.check_settled(session, given, lacking, now=MON, by=cast.agent)
    assert wrong.keys() == {"issue_outcomes.2"}
    whole = lacking._replace(issue_outcomes={"2": "answered"})
    with register.write() as session:
        complaint = intake.settle_once(session, given._replace(kind=None), whole, "phiếu-1", act)
    assert (complaint.state, of(register, complaint)) == ("closed", [(2, "content", "answered", None)])
    with register.write() as session:
        again = intake.settle_once(session, given._replace(kind=None), whole, "phiếu-1", act)
    assert again.code == complaint.code, "the same form sent again is the same case"
    assert verify(register).is_whole


def test_a_form_with_another_issue_is_another_case(sqlite_register: Register, sqlite_cast: Cast) -> None:
    act = Act(sqlite_cast.agent, MON)
    with sqlite_register.write() as session:
        first, _new = intake.log_once(session, draft(issues=("content",)), "phiếu-1", act)
        same, is_new = intake.log_once(session, draft(issues=("content",)), "phiếu-1", act)
        assert (same.code, is_new) == (first.code, False)
        other, is_new = intake.log_once(session, draft(issues=("content", "login")), "phiếu-1", act)
    assert is_new, "what it says more of would be lost"
    assert [category for _number, category, *_ in of(sqlite_register, other)] == ["content", "login"]


def test_what_is_not_taken_is_refused_with_all_its_issues(sqlite_register: Register, sqlite_cast: Cast) -> None:
    late = logged(
        sqlite_register, sqlite_cast, procedure="vhv", incident_at=MON - timedelta(days=30), issues=("content",)
    )
    steps: list[tuple[str, StepFields]] = [
        ("acknowledge", {}),
        ("classify", {"kind": "complaint"}),
        ("notify_result", {"text": "Đã quá thời hạn"}),
        ("close", {"outcome": "inadmissible"}),
    ]
    with sqlite_register.write() as session:
        complaints.take_together(session, late.code, steps, Act(sqlite_cast.agent, MON))
    assert of(sqlite_register, late) == [(2, "content", "inadmissible", None)]


CORRECTED = [
    # what, by whom, what it becomes, the issue then, why
    ("issue_category", "agent", "content", (2, "content", "rejected", "unknown"), "as what intake said"),
    ("issue_outcome", "lead", "partly", (2, "locked_chapter", "partly", "unknown"), "a figure depends on it"),
    ("issue_cause", "lead", "gateway_fault", (2, "locked_chapter", "rejected", "gateway_fault"), "likewise"),
]


@pytest.mark.parametrize(("corrects", "who", "becomes", "wanted", "why"), CORRECTED, ids=[row[0] for row in CORRECTED])
def test_one_value_of_one_issue_is_corrected_and_the_old_one_stays_readable(
    corrects: str, who: str, becomes: str, wanted: tuple[object, ...], why: str, register: Register, cast: Cast
) -> None:
    ends: StepFields = {
        **CLOSING,
        "issue_outcomes": {"2": "rejected", "3": "upheld"},
        "issue_causes": {"2": "unknown", "3": "unknown"},
    }
    closed = take(register, "close", told(register, cast, "locked_chapter", "login"), cast.agent, LATER, **ends)
    given: StepFields = {"corrects": corrects, "issue": 2, "becomes": becomes, "text": "Ghi nhầm"}
    if who == "lead":
        with pytest.raises(NotAllowed):
            take(register, "correct", closed, cast.agent, LATER, **given)
    was = of(register, closed)
    after = take(register, "correct", closed, getattr(cast, who), LATER, **given)
    assert of(register, after) == [wanted, was[1]], why
    with register.read() as session:
        [change] = dossier.read(session, after.code, by=cast.lead, now=LATER, language="vi").moments[-1].changes
    assert (change.issue, change.becomes, change.was in was[0]) == (2, becomes, True)
    undone = take(register, "undo", after, getattr(cast, who), LATER)
    assert of(register, undone) == was
    assert verify(register).is_whole


def test_correcting_needs_an_issue_another_value_and_an_end(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint, lead = logged(sqlite_register, sqlite_cast, issues=("content",)), sqlite_cast.lead
    for corrects, issue, becomes, wrong in (
        ("issue_category", None, "login", {"issue"}),
        ("issue_category", 5, "login", {"issue"}),
        ("issue_category", 2, "content", {"becomes"}),
        ("issue_outcome", 2, "upheld", {"corrects"}),
    ):
        found = refused(
            sqlite_register, "correct", complaint, lead, corrects=corrects, issue=issue, becomes=becomes, text="Nhầm"
        )
        assert found.keys() == wrong, (corrects, issue, becomes)


def test_a_merged_case_keeps_its_issues_and_the_other_one_gets_none(register: Register, cast: Cast) -> None:
    first = logged(register, cast, recorded_at=at("2026-11-13 09:00"))
    second = logged(register, cast, issues=("content",))
    gone = take(register, "merge", second, cast.agent, LATER, merged_into=first.code)
    assert (of(register, gone), of(register, first)) == ([(2, "content", None, None)], [])
    back = take(register, "unmerge", gone, cast.lead, LATER, text="Hai việc khác nhau")
    assert of(register, back) == [(2, "content", None, None)]
    assert verify(register).is_whole


def test_a_further_issue_of_attitude_asks_for_the_board_like_a_first(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    """MISA's rule is about every complaint of attitude: naming it second is no way around it."""
    with sqlite_register.write() as session:
        listed = dict(rulebook.catalogues(session).categories)
        attitude = next(one for one in shipped.catalogues("misa").categories.values() if one.names_people)
        rulebook.add_catalogue(session, "categories", (*listed.values(), attitude), Act(None, MON))
    complaint = logged(sqlite_register, sqlite_cast, procedure="misa", level="normal", issues=(attitude.key,))
    agent = sqlite_cast.agent
    for step, fields in (
        ("acknowledge", StepFields()),
        ("classify", StepFields(kind="complaint")),
        ("notify_result", StepFields(text="Đã xin lỗi khách")),
    ):
        complaint = take(sqlite_register, step, complaint, agent, LATER, **fields)
    with pytest.raises(NotAllowed, match="board looks first"):
        take(sqlite_register, "close", complaint, agent, LATER, **BOTH)
    wrong = refused(sqlite_register, "analyse", complaint, agent, root_cause="unknown", whys=["Vội"], text="Nhắc nhở")
    assert wrong.keys() == {"people"}


def test_the_queue_counts_them_and_finds_a_case_by_any(register: Register, cast: Cast) -> None:
    several, alone = logged(register, cast, issues=("locked_chapter", "content")), logged(register, cast)
    with register.read() as session:

        def codes(*categories: str) -> list[str]:
            narrow = Narrow(category=categories)
            found = queue.page(session, "all", by=cast.agent, now=LATER, narrow=narrow)
            assert queue.counts(session, by=cast.agent, now=LATER, narrow=narrow)["all"] == len(found)
            return [line.code for line in found]

        assert codes("payment") == [several.code, alone.code]
        assert codes("content") == [several.code]
        assert codes("content", "locked_chapter", "payment") == [several.code, alone.code], "each case once"
        assert codes("login") == []
        every = queue.page(session, "all", by=cast.agent, now=LATER)
    assert [line.more_issues for line in every] == [2, 0]


def test_figures_count_a_case_once_by_its_first_issue(sqlite_register: Register, sqlite_cast: Cast) -> None:
    logged(sqlite_register, sqlite_cast, issues=("locked_chapter", "content"))
    week = Filter(local_day(MON), local_day(MON))
    known = facts.current(sqlite_register)
    counted = volume.by_category(known, beside(known, week, now=MON))
    assert {row.key: row.count for row in counted.itertuples() if row.count} == {"payment": 1}


def test_a_list_says_that_an_entry_is_used_by_a_further_issue(register: Register, cast: Cast) -> None:
    ends: StepFields = {
        **CLOSING,
        "issue_outcomes": {"2": "rejected", "3": "rejected"},
        "issue_causes": {"2": "unknown", "3": "unknown"},
    }
    complaint = told(register, cast, "locked_chapter", "payment")
    take(register, "close", complaint, cast.agent, LATER, **ends)
    logged(register, cast, issues=("locked_chapter",))
    with register.read() as session:
        categories, outcomes = lists.used(session, "categories"), lists.used(session, "outcomes")
        causes = lists.used(session, "causes")
    used = {key: (one.complaints, one.open) for key, one in categories.items()}
    assert used == {"payment": (2, 1), "locked_chapter": (2, 1)}, "a case that says one twice counts once"
    assert {key: one.complaints for key, one in outcomes.items()} == {"upheld": 1, "rejected": 1}
    assert {key: one.complaints for key, one in causes.items()} == {"late_reconciliation": 1, "unknown": 1}


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ("key", ["locked_chapter, content", "rejected, upheld", "unknown, –"]),
        ("label", ["Chương bị khóa, Nội dung", "Không chấp nhận, Chấp nhận khiếu nại", "Chưa xác định, –"]),
    ],
)
def test_an_export_lists_them_in_their_order(
    headers: csv.Headers, wanted: list[str], register: Register, cast: Cast
) -> None:
    complaint = logged(register, cast, kind="inquiry", issues=("locked_chapter", "content"))
    take(register, "acknowledge", complaint, cast.agent, SOON)
    take(register, "notify_result", complaint, cast.agent, SOON, text="Xong")
    take(register, "close", complaint, cast.agent, SOON, outcome="answered",
         issue_outcomes={"2": "rejected", "3": "upheld"}, issue_causes={"2": "unknown"})  # fmt: skip
    logged(register, cast)
    found = rows.Selection(facts.current(register), Slice.from_query({"period": "year"}, local_day(LATER)), LATER)
    columns = chosen(["issues", "issue_outcomes", "issue_causes"], obligations=False)
    frames = rows.stretches(register, found, columns, whole=True)
    lines = b"".join(csv.write(frames, Words(columns, headers))).decode("utf-8-sig").splitlines()
    quoted = ",".join(f'"{one}"' for one in wanted)
    assert sorted(lines[1:]) == sorted([",,", quoted])


FORGED = [
    # statement, what verification says, why
    ("UPDATE issues SET category = 'login'", "issue 2", "another category than the log says"),
    ("DELETE FROM issues", "issue 2", "one that is gone"),
    ("UPDATE issues SET number = 9", "issue 9", "one that was never added"),
]


@pytest.mark.parametrize(("statement", "named", "why"), FORGED, ids=[row[-1] for row in FORGED])
def test_verification_proves_them(statement: str, named: str, why: str, register: Register, cast: Cast) -> None:
    logged(register, cast, issues=("content",))
    with register.write() as session:
        session.execute(text(statement))
    assert any(named in str(problem) for problem in verify(register).problems), why


def test_a_register_of_the_version_before_opens_with_none(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    with register.write() as session:
        back_to(session, "0021")
    migrate(register.url)
    assert of(register, complaint) == []
    assert verify(register).is_whole
    assert of(register, add(register, complaint, cast.agent)) == [(2, "locked_chapter", None, None)]
    with register.read() as session:
        assert cases.load(session, complaint.code).row["issues"][0].number == 2
