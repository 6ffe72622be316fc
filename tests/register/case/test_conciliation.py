"""Rounds with the customer, promised dates and silence, as a person goes through them (D14, D17)."""

from __future__ import annotations

from datetime import date
from typing import Unpack

import pytest

from core.errors import Invalid, NotAllowed
from core.register.case.steps.recording import StepFields
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.register.reads import queue
from tests.conftest import Cast
from tests.local_time import at
from tests.register.cases import advanced, clock, logged, take

NEXT = date(2026, 11, 23)
OFFER: StepFields = {"channel": "hotline", "text": "Hoàn 200 Stars", "chase_on": NEXT}


class Case:
    """One complaint that its agent works on."""

    def __init__(self, register: Register, cast: Cast, complaint: Complaint) -> None:
        self.register, self.cast, self.now = register, cast, complaint

    def take(self, step: str, when: str, who: str = "agent", **fields: Unpack[StepFields]) -> Case:
        """One step, on 2026-11-``when``."""
        person = getattr(self.cast, who)
        self.now = take(self.register, step, self.now, person, at(f"2026-11-{when}"), **fields)
        return self

    def clock(self, term: str, number: int = 1) -> tuple[str, str | None]:
        """Due and stop of a cycle, in UTC."""
        found = clock(self.register, self.now, term, number)
        return f"{found.due_at:%m-%d %H:%M}", f"{found.stopped_at:%m-%d %H:%M}" if found.stopped_at else None


@pytest.fixture
def case(register: Register, cast: Cast) -> Case:
    """A complaint about payment, classified on Monday 16/11 and not forwarded."""
    return Case(register, cast, advanced(register, cast, 2))


def test_two_rounds_and_a_final_decision_restart_no_clock(case: Case) -> None:
    resolve = case.clock("resolve")
    case.take("propose", "17 09:00", **OFFER)
    assert (case.now.state, case.now.rounds, case.now.chase_on) == ("proposed", 1, NEXT)
    case.take("refuse", "17 15:00", text="Muốn hoàn tiền mặt", due_at=at("2026-11-19 17:30"))
    assert (case.now.state, case.now.rounds, case.now.chase_on) == ("investigating", 1, None)
    assert case.clock("promised_solution") == ("11-19 10:30", None), "no refused case is without a running clock"
    case.take("propose", "19 09:00", **OFFER)
    assert case.clock("promised_solution") == ("11-19 10:30", "11-19 02:00"), "kept by the next proposal"
    case.take("refuse", "19 10:00", text="Vẫn không", due_at=at("2026-11-20 17:30"))
    case.take("decide", "19 11:00", "lead", text="Hoàn Stars theo điều khoản 5")
    assert (case.now.state, case.now.rounds) == ("decided", 2)
    case.take("notify_result", "20 09:00", text="Quyết định cuối cùng")
    assert case.clock("promised_solution", 2) == ("11-20 10:30", "11-20 02:00")
    assert case.clock("resolve") == (resolve[0], "11-20 02:00"), "no round restarted it (D7)"
    assert verify(case.register).is_whole


def test_who_agrees_is_told_the_result_officially(case: Case) -> None:
    case.take("propose", "17 09:00", **OFFER).take("accept", "17 09:30", text="Đồng ý")
    assert case.now.state == "decided"
    assert case.clock("resolve")[1] is None, "agreeing is no official result (D4, POPS step 6)"
    assert case.take("notify_result", "17 10:00", text="Đã hoàn").now.state == "resolved"


def test_a_result_that_is_refused_keeps_its_verdict(case: Case) -> None:
    case.take("notify_result", "18 09:00", text="Không hoàn được")
    stopped = case.clock("resolve")
    case.take("refuse", "18 10:00", text="Không chấp nhận", due_at=at("2026-11-20 17:30"))
    assert (case.now.state, case.now.resolved_at) == ("investigating", None)
    assert case.clock("resolve") == stopped
    case.take("propose", "19 09:00", **OFFER)
    with pytest.raises(Invalid) as refused:
        case.take("accept", "19 10:00")
    assert set(refused.value.fields) == {"due_at"}, "no clock runs any more: the customer must hear by when"
    case.take("accept", "19 10:00", due_at=at("2026-11-20 17:30")).take("notify_result", "20 09:00", text="Hoàn")
    assert case.clock("promised_reply") == ("11-20 10:30", "11-20 02:00")
    assert case.clock("resolve") == stopped, "the result told first is the one that is judged (D17)"


def test_a_final_decision_needs_a_proposal_before_it_and_a_lead(case: Case) -> None:
    case.take("forward", "16 11:00", department="payment", text="?", due_at=at("2026-11-18 17:30"))
    with pytest.raises(Invalid) as refused:
        case.take("decide", "17 09:00", "lead", text="Thôi")
    assert "Nothing was proposed" in refused.value.fields["text"]
    case.take("propose", "17 09:00", **OFFER)
    with pytest.raises(NotAllowed, match="ask a lead"):
        case.take("decide", "17 10:00", "agent", text="Thôi")
    assert case.take("decide", "17 10:00", "manager", text="Thôi").now.state == "decided"


def test_a_procedure_without_rounds_has_no_proposal(register: Register, cast: Cast) -> None:
    incident = at("2026-11-15 09:00")
    vhv = Case(register, cast, logged(register, cast, procedure="vhv", incident_at=incident))
    vhv.take("acknowledge", "16 10:00").take("classify", "16 10:05", kind="complaint")
    with pytest.raises(NotAllowed, match="no step of this complaint's procedure"):
        vhv.take("propose", "17 09:00", **OFFER)


SILENT = [
    # chases before, when waiting ends, whether it may, why
    (2, "20 09:00", False, "asked on Monday, four working days have passed"),
    (2, "23 09:00", True, "five working days after Monday, asked again twice"),
    (1, "23 09:00", False, "asked again once"),
]


@pytest.mark.parametrize(("chases", "when", "ends", "why"), SILENT)
@pytest.mark.parametrize(("asked", "after"), [("propose", "decided"), ("ask_customer", "investigating")])
def test_silence_ends_the_waiting(
    case: Case, asked: str, after: str, chases: int, when: str, ends: bool, why: str
) -> None:
    case.take(asked, "16 11:00", **OFFER)
    for n in range(chases):
        case.take("chase", f"{18 + n} 09:00", channel="email", chase_on=date(2026, 11, 20 + n))
        assert case.now.chase_on == date(2026, 11, 20 + n)
    if ends:
        assert case.take("end_waiting", when, text="Gọi 3 lần").now.state == after, why
        assert case.now.chase_on is None
    else:
        with pytest.raises(NotAllowed, match="of [25]"):
            case.take("end_waiting", when)


def test_a_question_before_classifying_leads_back_to_it(register: Register, cast: Cast) -> None:
    case = Case(register, cast, advanced(register, cast, 1))
    case.take("ask_customer", "16 11:00", text="Mã giao dịch?", chase_on=date(2026, 11, 18))
    with pytest.raises(NotAllowed, match="classify"):
        case.take("notify_result", "16 12:00", text="Xong")
    assert case.take("record_reply", "17 09:00", text="FT1").now.state == "acknowledged"
    assert case.take("classify", "17 09:05", kind="complaint", category="payment").now.state == "classified"


PROMISES = [
    # what for, what is said later, whether that keeps it, why
    ("update", "tell_progress", True, "any word to the customer"),
    ("reply", "tell_progress", False, "only the result"),
    ("reply", "notify_result", True, "the result"),
]


@pytest.mark.parametrize(("promised", "later", "kept", "why"), PROMISES)
def test_a_promised_date_has_a_clock_of_its_own(case: Case, promised: str, later: str, kept: bool, why: str) -> None:
    case.take(
        "promise", "17 09:00", promised=promised, due_at=at("2026-11-19 12:00"), channel="hotline", text="Xin hẹn"
    )
    case.take(later, "18 09:00", channel="hotline", text="Đang đối soát")
    assert case.clock(f"promised_{promised}") == ("11-19 05:00", "11-18 02:00" if kept else None), why


def test_asking_to_negotiate_starts_the_statutory_clock(case: Case) -> None:
    case.take("negotiate", "16 14:00", text="Yêu cầu thương lượng")
    assert case.clock("negotiation") == ("11-26 10:30", None), "the 7th working day after Monday 16/11: 24/11 is off"
    case.take("propose", "17 09:00", **OFFER)
    assert case.clock("negotiation")[1] == "11-17 02:00", "a proposal answers it"


def test_what_was_withdrawn_is_taken_up_again(case: Case) -> None:
    case.take("withdraw", "17 09:00", text="Đã ổn").take("reopen", "18 09:00", text="Lại lỗi")
    assert (case.now.state, case.now.outcome, case.now.closed_at) == ("investigating", None, None)
    assert case.clock("resolve", 2) == ("11-26 10:30", None), "a new cycle (D6)"


def test_the_queue_says_whom_to_ask_again_today(case: Case) -> None:
    case.take("propose", "17 09:00", **OFFER)

    def counted(when: str) -> tuple[int, int]:
        with case.register.read() as session:
            counts = queue.counts(session, by=case.cast.agent, now=at(when))
        return counts["waiting_customer"], counts["chase_today"]

    assert counted("2026-11-22 23:59") == (1, 0)
    assert counted("2026-11-23 00:00") == (1, 1), "the day begins"
    case.take("chase", "23 09:00", channel="hotline", chase_on=date(2026, 11, 25))
    assert counted("2026-11-23 10:00") == (1, 0)
