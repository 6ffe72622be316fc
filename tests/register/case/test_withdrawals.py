"""What a withdrawal leaves of the promises that fell due before it (D13), also undone, corrected and opened again."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.insight import compliance, facts, whatif
from core.insight.filters import Filter
from core.register.case import case as cases
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content
from core.register.log.act import Stamp
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.register.organisation import procedure_versions
from core.rules.verdicts import Verdict, verdict
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import advanced, clock, take

DUE = at("2026-11-23 17:30")
"""Of *resolve*, for what is acknowledged on Monday 16/11."""
NOW = at("2026-12-01 09:00")
WEEK = Filter(date(2026, 11, 23), date(2026, 11, 29))


def withdrawn(register: Register, cast: Cast, when: datetime) -> Complaint:
    return take(register, "withdraw", advanced(register, cast, 3), cast.lead, when, text="Khách rút")


def resolve(register: Register, complaint: Complaint, number: int = 1) -> Verdict:
    return verdict(clock(register, complaint, "resolve", number), NOW)


def figure(register: Register) -> tuple[float, float, float]:
    """Fell due, missed and cancelled of *resolve* in the week of ``DUE``."""
    found = compliance.of(facts.load(register), WEEK, NOW, "resolve")
    return found["due"], found["missed"], found["cancelled"]


WHEN = [
    (at("2026-11-20 10:00"), Verdict.CANCELLED, (0, 0, 1), "before it was due"),
    (DUE, Verdict.CANCELLED, (0, 0, 1), "in the second of its due it is not overdue yet"),
    (at("2026-11-24 10:00"), Verdict.MISSED, (1, 1, 0), "after it was due: it stays in its week"),
]


@pytest.mark.parametrize(("when", "wanted", "counted", "why"), WHEN, ids=[row[-1] for row in WHEN])
def test_what_fell_due_stays(
    register: Register, cast: Cast, when: datetime, wanted: Verdict, counted: tuple[float, float, float], why: str
) -> None:
    complaint = withdrawn(register, cast, when)
    assert resolve(register, complaint) is wanted, why
    assert figure(register) == counted
    assert (complaint.unexplained_due_at == DUE) == (wanted is Verdict.MISSED), "a miss is one to explain"
    assert complaint.next_due_at is None, "nothing more is to be done"
    assert compliance.time_to_resolve(facts.load(register), WEEK, NOW)["count"] == 0, "nobody gave a result"
    assert verify(register).is_whole


def test_what_is_missed_so_is_explained_without_another_step(register: Register, cast: Cast) -> None:
    complaint = withdrawn(register, cast, at("2026-11-24 10:00"))
    said = take(register, "explain_miss", complaint, cast.lead, NOW, explains="resolve.1", breach_reason="third_party")
    assert (said.state, said.unexplained_due_at, said.breach_reason) == ("withdrawn", None, "third_party")
    assert verify(register).is_whole


def test_a_withdrawal_of_an_earlier_version_keeps_its_verdict(register: Register, cast: Cast) -> None:
    """Its event does not say that it keeps what fell due, so that no old figure changes."""
    complaint = advanced(register, cast, 3)
    stamp = Stamp(at("2026-11-24 10:00"), at("2026-11-24 10:00"), cast.lead.id)
    with register.write() as session:
        case = cases.load(session, complaint.code)
        case.add(session, "withdrawn", Content(Payload()), stamp)
        cases.save(session, [case])
    assert resolve(register, complaint) is Verdict.CANCELLED
    assert figure(register) == (0, 0, 1)
    opened = take(register, "reopen", complaint, cast.lead, at("2026-11-25 09:00"), text="Khách hỏi lại")
    assert (resolve(register, opened), resolve(register, opened, 2)) == (Verdict.CANCELLED, Verdict.RUNNING)
    take(register, "withdraw", opened, cast.lead, at("2026-12-08 10:00"), text="Khách rút lần nữa")
    later = at("2026-12-09 09:00")
    assert verdict(clock(register, opened, "resolve"), later) is Verdict.CANCELLED, "the first as it was"
    assert verdict(clock(register, opened, "resolve", 2), later) is Verdict.MISSED, "the second by the rule of its time"
    assert verify(register).is_whole


def test_opened_again_the_first_cycle_stays_missed(register: Register, cast: Cast) -> None:
    complaint = withdrawn(register, cast, at("2026-11-24 10:00"))
    opened = take(register, "reopen", complaint, cast.lead, at("2026-11-25 09:00"), text="Khách hỏi lại")
    assert (resolve(register, opened), resolve(register, opened, 2)) == (Verdict.MISSED, Verdict.RUNNING)
    assert figure(register) == (1, 1, 0)


def test_undone_it_is_overdue_as_before(register: Register, cast: Cast) -> None:
    complaint = withdrawn(register, cast, at("2026-11-24 10:00"))
    back = take(register, "undo", complaint, cast.lead, at("2026-11-24 10:10"))
    assert (back.state, resolve(register, back)) == ("investigating", Verdict.OVERDUE)
    assert figure(register) == (1, 0, 0)
    assert verify(register).is_whole


CORRECTED = [
    (at("2026-11-24 10:00"), at("2026-11-20 10:00"), Verdict.MISSED, Verdict.CANCELLED, "it was withdrawn in time"),
    (at("2026-11-24 10:00"), at("2026-11-23 17:30:01"), Verdict.MISSED, Verdict.MISSED, "late all the same"),
]


@pytest.mark.parametrize(("when", "really", "before", "after", "why"), CORRECTED, ids=[row[-1] for row in CORRECTED])
def test_its_time_corrected_gives_the_verdict_of_the_right_time(
    register: Register, cast: Cast, when: datetime, really: datetime, before: Verdict, after: Verdict, why: str
) -> None:
    complaint = withdrawn(register, cast, when)
    assert resolve(register, complaint) is before
    right = take(
        register, "correct", complaint, cast.lead, NOW, corrects="happened_at", becomes=really, of=complaint.version,
        text="Gõ nhầm ngày",
    )  # fmt: skip
    assert resolve(register, right) is after, why
    assert verify(register).is_whole


def test_under_a_longer_term_it_would_have_been_cancelled(register: Register, cast: Cast) -> None:
    """What another procedure would have meant (D9): the withdrawal came before that later due."""
    withdrawn(register, cast, at("2026-11-24 10:00"))
    with register.read() as session:
        newest = procedure_versions.newest(session, "pops")
    known = facts.current(register)
    as_it_was, then = (whatif.of_procedure(register, known, one, NOW) for one in (newest, newest.with_reply_days(6)))
    (same,) = (one for one in as_it_was.terms if one.term == "resolve")
    (found,) = (one for one in then.terms if one.term == "resolve")
    assert (same.due, same.met, same.due_then, same.met_then) == (1, 0, 1, 0)
    assert (found.due, found.met, found.due_then, found.met_then, found.better) == (1, 0, 0, 0, 1)
