"""Eight complaints of a queue, the segments that hold them, and how they are written."""

from __future__ import annotations

from datetime import timedelta

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from tests.conftest import people_of
from tests.engines import STAFFED, Beginning
from tests.local_time import at

NOW = at("2026-11-20 10:00")  # a Friday
Step = tuple[str, StepFields]
ACK: Step = ("acknowledge", {})
KIND: Step = ("classify", {"kind": "complaint"})
TO_PAYMENT: Step = ("forward", {"department": "payment", "text": "Kiểm tra", "due_at": at("2026-11-24 17:30")})
TO_ENGINEERING: Step = ("forward", {"department": "engineering", "text": "Kiểm tra", "due_at": at("2026-11-24 17:30")})
ASK: Step = ("ask_customer", {"text": "Xin ảnh", "chase_on": at("2026-11-20 00:00").date()})
ESCALATE: Step = ("escalate", {"addressee": "superior", "text": "Hoàn hay không?", "due_at": at("2026-11-20 17:30")})
TELL: Step = ("notify_result", {"text": "Đã xong"})
CLOSE: Step = ("close", {"outcome": "upheld", "root_cause": "late_reconciliation"})

# code → received, channel, category, steps (one minute apart), due next
CASES: tuple[tuple[str, str, str, str, tuple[Step, ...], str | None], ...] = (
    ("1", "2026-11-17 09:00", "hotline", "payment", (), "2026-11-18 17:30"),  # never acknowledged: overdue
    ("2", "2026-11-19 09:00", "email", "login", (), "2026-11-20 17:30"),  # due today
    ("3", "2026-11-19 10:00", "email", "payment", (ACK, KIND, TO_PAYMENT), "2026-11-27 17:30"),  # 24/11 is a day off
    ("4", "2026-11-19 11:00", "web", "content", (ACK, KIND, TO_ENGINEERING, ESCALATE), "2026-11-27 17:30"),
    ("5", "2026-11-19 12:00", "web", "login", (ACK, KIND, ASK), "2026-11-27 17:30"),
    ("6", "2026-11-19 13:00", "hotline", "other", (ACK, KIND, TELL), None),  # only to close
    ("7", "2026-11-19 14:00", "hotline", "other", (ACK, KIND, TELL, CLOSE), None),  # closed: in no segment
    (
        "8",
        "2026-11-12 09:00",
        "facebook",
        "payment",
        (ACK, KIND),
        "2026-11-19 17:30",
    ),  # `resolve` overdue since yesterday
)
HELD = {
    "all": "1 8 2 3 4 5 6",
    "unacknowledged": "1 2",
    "due_today": "2",
    "overdue": "1 8",
    "waiting_customer": "5",
    "chase_today": "5",
    "waiting_department": "3 4",
    "to_close": "6",
    "unexplained": "1 8",
    "to_direct": "",
    "mine": "4 5",
    "unassigned": "1 8 2 3 6",
}
"""Segment → the complaints in it, in order, for an agent; the next: those that the department Payments sees."""
OF_PAYMENT = dict.fromkeys(HELD, "") | {"all": "3", "waiting_department": "3", "unassigned": "3"}


def fill(register: Register) -> None:
    """Write CASES; 4 and 5 are with the agent."""
    histories, holder = [], people_of(register).agent
    for name, received, channel, category, steps, _due in CASES:
        start = at(received)
        taken = [PastStep(step, start + timedelta(minutes=n), fields) for n, (step, fields) in enumerate(steps, 1)]
        if name in "45":
            taken.append(PastStep("assign", start + timedelta(minutes=9), {"assignee_id": holder.id}))
        histories.append((Draft(channel, start, f"Khiếu nại số {name}", category), taken))
    with register.write() as session:
        complaints.write_histories(session, histories, Act(None, NOW))


QUEUE = Beginning("a queue", fill, STAFFED)
