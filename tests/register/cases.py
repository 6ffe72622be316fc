"""A complaint of the register's tests: how it is logged, the steps that bring it to closed, and a clock of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, SlaCycle
from core.register.reads.dossier import Dossier
from core.register.reads.timeline import File
from core.rules.policy import Actor
from tests.conftest import Cast
from tests.local_time import at
from tests.register.ways import PAYMENT

MON = at("2026-11-16 09:00")


class DraftFields(TypedDict, total=False):
    """What a test says of a draft; the fields of ``Draft`` under their names."""

    channel: str
    recorded_at: datetime
    statement: str
    category: str
    procedure: str
    customer: CustomerDraft
    sent_at: datetime | None
    incident_at: datetime | None
    remedy: str
    product: str | None
    platform: str | None
    level: str | None
    kind: str | None
    recording: str
    details: Mapping[str, str]
    issues: tuple[str, ...]
    files: tuple[FileDraft, ...]
    source: str | None
    external_ref: str | None


def draft(**changes: Unpack[DraftFields]) -> Draft:
    """A complaint of ``MON`` about payment, with a customer, and what must be known before it is forwarded."""
    base = Draft(
        channel="hotline",
        recorded_at=MON,
        statement="Nạp 200 Stars, đã trừ tiền mà chưa thấy Stars.",
        category="payment",
        customer=CustomerDraft(name="Khách Thử", phone="0912 345 678"),
    )
    changed = base._replace(**changes)
    return changed._replace(details=PAYMENT) if changed.category == "payment" and "details" not in changes else changed


def logged(register: Register, cast: Cast, **changes: Unpack[DraftFields]) -> Complaint:
    """``draft(**changes)`` logged by the agent, on ``MON`` or when it was recorded if that is later."""
    with register.write() as session:
        return complaints.log(session, draft(**changes), Act(cast.agent, max(MON, changes.get("recorded_at", MON))))


def take(
    register: Register,
    step: str,
    complaint: Complaint,
    by: Actor | None,
    when: datetime,
    *,
    happened_at: datetime | None = None,
    version: int | None = None,
    **fields: Unpack[StepFields],
) -> Complaint:
    """One step that ``by`` takes at ``when``."""
    with register.write() as session:
        return complaints.take(session, complaint.code, step, fields, Act(by, when, happened_at, version))


def clock(register: Register, complaint: Complaint, term: str, number: int = 1) -> SlaCycle:
    """Cycle ``number`` of the clock of ``term``, which must be there."""
    with register.read() as session:
        found = session.get(SlaCycle, (complaint.id, term, number))
        assert found is not None
        return found


# ruff: disable[E501]  # a row of a table stays one line
TO_CLOSED: tuple[tuple[str, StepFields, str, str], ...] = (
    ("acknowledge", {"text": "Chúng tôi đã nhận"}, "2026-11-16 10:00", "acknowledged"),
    ("classify", {"kind": "complaint", "category": "payment"}, "2026-11-16 10:05", "classified"),
    ("forward", {"department": "payment", "text": "Kiểm tra giao dịch", "due_at": at("2026-11-18 17:30")}, "2026-11-16 10:10", "investigating"),
    ("answer", {"text": "Đã hoàn Stars"}, "2026-11-17 15:00", "investigating"),
    ("notify_result", {"text": "Anh/chị đã nhận đủ Stars"}, "2026-11-18 09:00", "resolved"),
    ("close", {"outcome": "upheld", "root_cause": "late_reconciliation", "lesson": "Đối soát hằng giờ"}, "2026-11-18 09:10", "closed"),
)  # fmt: skip
# ruff: enable[E501]
"""(step, its fields, when in local time, the state after it)."""


def advanced(register: Register, cast: Cast, steps: int = len(TO_CLOSED)) -> Complaint:
    """A complaint that has taken the first ``steps`` steps of ``TO_CLOSED``."""
    complaint = logged(register, cast)
    for step, fields, when, state in TO_CLOSED[:steps]:
        complaint = take(register, step, complaint, cast.agent, at(when), version=complaint.version, **fields)
        assert complaint.state == state
    return complaint


def files_of(found: Dossier) -> tuple[File, ...]:
    """Every file of the case and of what goes on in it, oldest first."""
    return tuple(file for moment in found.whole_story for file in moment.files)
