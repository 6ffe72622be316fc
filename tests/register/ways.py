"""The way to each state, and enough fields for every step: for tests that need a complaint somewhere in its history."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.register.case.steps.recording import StepFields
from core.rules.steps import STEPS, Department, State

WAY_TO: dict[State, tuple[str, ...]] = {
    State.received: (),
    State.acknowledged: ("acknowledge",),
    State.classified: ("acknowledge", "classify"),
    State.investigating: ("acknowledge", "classify", "forward"),
    State.waiting_customer: ("acknowledge", "classify", "ask_customer"),
    State.resolved: ("acknowledge", "classify", "notify_result"),
    State.closed: ("acknowledge", "classify", "notify_result", "close"),
    State.withdrawn: ("withdraw",),
}

PAYMENT = {"amount": "49.000", "time": "15/11/2026 20:15", "method": "momo"}
"""What POPS must know of a payment before it is forwarded."""


def filled(step: str, now: datetime) -> StepFields:
    """Enough to take the step on a complaint about a payment."""
    return {
        "kind": "complaint",
        "department": "payment",
        "text": f"Nội dung của bước {step}",
        "due_at": now,
        "chase_on": now.date(),
        "outcome": "upheld",
        "root_cause": "unknown",
        "explains": "acknowledge.1",
        "breach_reason": "overload",
        "details": {"transaction": "FT26320001"} if step == "details" else PAYMENT,
    }


def received_for(step: str, now: datetime) -> datetime:
    """When a complaint came in on which ``step`` is possible at ``now``: only a broken promise can be explained."""
    return now - timedelta(days=30) if step == "explain_miss" else now


def state_for(step: str) -> State:
    """A state in which ``step`` can be taken; the one in which a department owes an answer where that is asked for."""
    possible = STEPS[step].from_states
    answers = STEPS[step].department is Department.ANSWERS
    return State.investigating if answers else next(state for state in State if state in possible)
