"""The way to each state, and enough fields for every step: for tests that need a complaint somewhere in its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import shipped
from core.register import rulebook
from core.register.case import complaints, incident
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.tables import Complaint
from core.rules.calendar import local_day
from core.rules.steps import OF_A_DIRECTION, OF_A_REQUEST, STEPS, State
from tests.engines import MONDAY
from tests.files import PNG

WAY_TO: dict[State, tuple[str, ...]] = {
    State.received: (),
    State.acknowledged: ("acknowledge",),
    State.classified: ("acknowledge", "classify"),
    State.investigating: ("acknowledge", "classify", "forward"),
    State.waiting_customer: ("acknowledge", "classify", "ask_customer"),
    State.proposed: ("acknowledge", "classify", "propose"),
    State.decided: ("acknowledge", "classify", "propose", "accept"),
    State.resolved: ("acknowledge", "classify", "notify_result"),
    State.closed: ("acknowledge", "classify", "notify_result", "close"),
    State.withdrawn: ("withdraw",),
    State.merged: ("merge",),
}

_PLANNED = (*WAY_TO[State.investigating], "analyse", "approve_analysis")
BEFORE: dict[str, tuple[str, ...]] = {
    "approve_analysis": (*WAY_TO[State.investigating], "analyse"),
    "return_analysis": (*WAY_TO[State.investigating], "analyse"),
    "action_done": _PLANNED,
    "send_evidence": (*_PLANNED, "action_done"),
    "verify_evidence": (*_PLANNED, "action_done", "send_evidence"),
    "check_effect": (*_PLANNED, "action_done", "send_evidence", "verify_evidence"),
    "end_waiting": (*WAY_TO[State.waiting_customer], "chase", "chase"),
    "decide": WAY_TO[State.proposed],
    "correct": WAY_TO[State.acknowledged],
    **{key: ("acknowledge", "escalate") for key, step in STEPS.items() if step.direction in OF_A_DIRECTION},
    "leave_incident": ("join_incident",),
    "remove_issue": ("add_issue",),
    "issue_paper": WAY_TO[State.acknowledged],
}
"""Where the state alone is not enough: the customer was asked again (D17), refused something, something was planned."""
OWNER = 1
"""Who does the preventive actions: the first account of a register of the tests, who sees every complaint."""

SURVIVOR = "KN-2025-000001"
"""The complaint in which others go on (``log_survivor``)."""
CUSTOMER = CustomerDraft(name="Khách Thử", phone="0912 345 678")
INCIDENT = "SC-2026-0001"
"""The incident that complaints join: the first one of a register (``open_incident``)."""

PAYMENT = {"amount": "49.000", "time": "15/11/2026 20:15", "method": "momo"}
"""What POPS must know of a payment before it is forwarded."""


def filled(step: str, now: datetime) -> StepFields:
    """Enough to take the step on a complaint about a payment."""
    return {
        "kind": "complaint",
        "department": "payment",
        "belongs_to": "engineering",
        "text": f"Nội dung của bước {step}",
        "due_at": now,
        "chase_on": now.date(),
        "promised": "update",
        "outcome": "upheld",
        "root_cause": "unknown",
        "whys": ["Đối soát chậm", "Chạy bằng tay"],
        "actions": [{"what": "Đối soát tự động", "owner_id": OWNER, "due_on": local_day(now)}],
        "people": "Trần Văn Thử",
        "action": "1",
        "verified": "confirmed",
        "effect": "effective",
        "files": (FileDraft("ảnh.png", BytesIO(PNG)),) if step == "send_evidence" else (),
        "recording": "https://ghi-am.example/cuoc-goi/20261116-0915" if step == "add_evidence" else "",
        "wanted": ["evidence.payment_proof", "detail.transaction"],
        "wanted_more": "Tên người nhận tiền",
        "explains": "acknowledge.1",
        "breach_reason": "overload",
        "issue": 2,
        "issue_category": "locked_chapter",
        "issue_outcomes": {"2": "rejected", "3": "partly"},
        "issue_causes": {"2": "gateway_fault", "3": "unknown"},
        "incident": INCIDENT,
        "merged_into": SURVIVOR,
        "addressee": "superior",
        "paper": "written_reply",
        "corrects": "channel",
        "becomes": "facebook" if step == "correct" else None,
        "details": {"transaction": "FT26320001"} if step == "details" else PAYMENT,
        "facts": {"title": "Kế toán trưởng", "products": "MISA SME", "dues": "none"},
    }


def log_survivor(session: Session, now: datetime) -> None:
    """A complaint of ``CUSTOMER`` of the year before."""
    if not session.scalar(select(Complaint.id).where(Complaint.code == SURVIVOR)):
        draft = Draft("email", datetime(2025, 12, 30, 3, tzinfo=UTC), "Lỗi từ năm trước", "content", customer=CUSTOMER)
        complaints.log(session, draft, Act(None, now))


def open_incident(session: Session, now: datetime) -> None:
    """An incident that complaints can join, with none so far."""
    if not incident.going_on(session):
        act = Act(None, now)
        incident.log_opening(session, incident.next_row(session, act, "payment"), act)


def verify_customers(session: Session) -> None:
    """Let the organisation verify of its customers what MISA does."""
    whose, fields = rulebook.organisation(session), shipped.organisation("misa").customer_fields
    if whose.customer_fields != fields:
        rulebook.add_organisation(session, replace(whose, customer_fields=fields), Act(None, MONDAY))


def way_before(step: str) -> tuple[str, ...]:
    """The steps after which ``step`` can be taken."""
    return BEFORE.get(step) or WAY_TO[state_for(step)]


def begun_before(step: str, now: datetime) -> datetime:
    """When a complaint came in and these steps happened, if ``step`` is to be taken at ``now``."""
    return now - timedelta(days={"end_waiting": 14, "explain_miss": 30}.get(step, 0))


def taker(step: str) -> str:
    """A role that takes the step, as ``tests.conftest.Cast`` names it."""
    return next(role for role in ("agent", "lead", "manager") if role in STEPS[step].by)


def state_for(step: str) -> State:
    """A state in which ``step`` can be taken; the one in which a department owes an answer where that is asked for."""
    possible = STEPS[step].from_states
    is_owed = STEPS[step].department in OF_A_REQUEST
    return State.investigating if is_owed else next(state for state in State if state in possible)
