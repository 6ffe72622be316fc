"""The payloads of a complaint's events and the rows that follow from them: the shapes that mypy follows."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple, TypedDict

from core.rules.calendar import whole_second
from core.rules.issues import Issues
from core.rules.requests import Request


class Planned(TypedDict):
    """A preventive action as an analysis plans it; what is done is a text of its own (``what_ids``)."""

    owner_id: int
    due_at: str


MovedDue = TypedDict("MovedDue", {"term": str, "number": int, "from": str, "to": str})
"""One due instant that a calendar change moved (D8); instants as ISO text."""


class Payload(TypedDict, total=False):
    """The payload of any event of a complaint: canonical JSON without personal data.

    Days and instants are ISO text. ``*_id`` and ``files`` name rows of ``evidence``, ``digests`` attests them (id →
    hex), ``file_kinds`` says what files show where somebody said it (id → a key of ``core.rules.evidence_kinds``).
    ``recording_id``: where a recording lies that is kept elsewhere, ``recording_at``: when the call was. ``wanted``,
    ``wanted_id``, ``wanted_lines`` and ``came``: as ``core.rules.checklist`` says. ``customer_digest`` attests the
    customer's details where some are new. ``calendar``: the calendar version in force when the event was written.
    ``details``, ``detail_ids``, ``facts``, ``fact_ids``: as ``core.register.case.details`` says.
    ``explains``, ``breach_reason``, ``breach_reasons``: as ``core.rules.misses`` says. ``actions`` and ``what_ids``, in
    one order, ``whys_id`` and ``people_id``: of an analysis (D25). ``action``: the number of the preventive action
    meant, ``verified`` and ``effect``: what was found of it (``core.rules.prevention``). ``undoes``: the ``seq`` of the
    event that is undone (D22). ``leads_to``: the state
    after a step that led elsewhere because nobody had classified the complaint. ``holds``: whoever took the step holds
    the complaint from then on (D23). ``stands_in_for``: who held it and was away, where their deputy took the step.
    ``corrects``: what of the event with the ``seq`` ``of`` is corrected (D21): it says from then on what this one says
    under the same keys, or happened ``at``. ``was``: what it said before; of a contact ``was_id``, ``becomes_id``.
    ``customer_digests`` attests every customer whose details a correction or its undoing changed (id → hex).
    ``incident``: the code of the incident that the complaint joins or leaves, or for which the step was taken (D24).
    ``keeps_due``: as ``core.rules.clocks.ClockPayload`` says. ``merged_into``: the code of the complaint in which this
    one goes on (D13); ``merged``: the code of one that goes on in this one, or does not any more; ``unmerges``: the
    ``seq`` of the merge that is taken back.
    ``work_log``: the work log was looked at, where the procedure asks for that (Minh Tuấn 2).
    ``addressee``: of whom a direction is asked (``core.rules.directions.Addressee``).
    ``issue``: the number of the further issue that the event is about, ``issue_category``: what that is about;
    ``issue_outcomes``, ``issue_causes``: how each ended and why it happened, number as text → key (D34).
    ``paper``: the kind of paper that was issued, ``paper_number`` what is printed on it, made of the other three;
    ``replaces``: the number of the one that it corrects; ``template``: the versions of what it was made of (D39).
    ``api_key``: as ``core.register.log.act.Act`` says (D41).
    ``mail``: what the customer was told leaves as a mail (D46), under the text ``subject_id``, with the papers of the
    numbers ``enclosed``.
    ``request``, ``answered``: as ``core.rules.requests.RequestPayload`` says; ``belongs_to``: whose the department says
    a returned request is.
    """

    calendar: int
    api_key: int
    digests: dict[str, str]
    files: list[int]
    file_kinds: dict[str, str]
    work_log: bool
    recording_id: int
    recording_at: str | None
    wanted: list[str] | None
    wanted_id: int
    wanted_lines: int | None
    came: list[int] | None
    statement_id: int
    remedy_id: int
    named_as_id: int
    text_id: int
    lesson_id: int
    details: dict[str, str | None]
    detail_ids: dict[str, int]
    facts: dict[str, str]
    fact_ids: dict[str, int]
    what_ids: list[int]
    whys_id: int
    people_id: int
    # received
    code: str
    year: int
    number: int
    procedure: str
    procedure_version: int
    channel: str | None
    category: str | None
    level: str | None
    product: str | None
    platform: str | None
    branch: str | None
    reply_days: int | None
    customer_id: int | None
    new_details: list[str] | None
    customer_digest: str | None
    sent_at: str | None
    incident_at: str | None
    source: str | None
    external_ref: str | None
    # later steps
    answer_text: str  # key@version of the answer text that was used
    answer_text_changed: bool
    mail: bool
    subject_id: int
    enclosed: list[str] | None
    kind: str | None
    assignee_id: int | None
    department: str | None
    due_at: str | None
    chase_on: str | None
    outcome: str | None
    root_cause: str | None
    issue: int
    issue_category: str | None
    issue_outcomes: dict[str, str] | None
    issue_causes: dict[str, str] | None
    explains: str
    breach_reason: str | None
    breach_reasons: dict[str, str]
    actions: list[Planned]
    action: str
    verified: str
    effect: str
    undoes: int
    corrects: str
    of: int
    at: str | None
    was: dict[str, str | int | None]  # of an issue its own value alone
    was_id: int
    becomes_id: int
    customer_digests: dict[str, str]
    leads_to: str
    holds: bool
    stands_in_for: int
    incident: str
    addressee: str | None
    request: int
    answered: list[int]
    belongs_to: str | None
    moved: list[MovedDue]
    keeps_due: bool
    paper: str
    paper_year: int
    paper_ordinal: int
    paper_branch: str
    paper_number: str
    replaces: str
    template: str
    merged_into: str
    merged: str
    unmerges: int


def instant(moment: datetime | None) -> str | None:
    """A moment as payloads hold it: ISO text in UTC, cut to the second (D29)."""
    return None if moment is None else whole_second(moment).isoformat()


class CaseEvent(NamedTuple):
    """One event of a complaint as the fold and the clocks read it; ``seq`` counts from 1 within the complaint.

    ``actor_id``: who caused it; None for the register itself.
    """

    seq: int
    kind: str
    at: datetime
    payload: Payload
    actor_id: int | None = None


class Row(TypedDict):
    """The columns of ``complaints`` that follow from its events alone; clocks and ids are added when it is written.

    ``requests`` and ``issues`` are no columns but tables of their own, whose rows follow alike.
    """

    code: str
    year: int
    number: int
    version: int
    procedure: str
    procedure_version: int
    calendar_version: int
    state: str
    kind: str | None
    category: str
    level: str | None
    channel: str
    product: str | None
    platform: str | None
    branch: str | None
    department: str | None
    waiting_department: bool
    department_due_at: datetime | None
    assignee_id: int | None
    logged_by_id: int | None
    customer_id: int | None
    statement_id: int | None
    remedy_id: int | None
    incident_at: datetime | None
    sent_at: datetime | None
    recorded_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    root_cause: str | None
    lesson_id: int | None
    reply_days: int | None
    reopened: int
    rounds: int
    chase_on: date | None
    analysis: str | None
    incident: str | None
    merged_into: str | None
    direction: str | None
    direction_from: str | None
    direction_by_id: int | None
    direction_due_at: datetime | None
    direction_reminded: int
    source: str | None
    external_ref: str | None
    requests: tuple[Request, ...]
    issues: Issues


class IssueRow(TypedDict):
    """One row of ``issues``: a further issue that was not taken out (``core.rules.issues``)."""

    complaint_id: int
    number: int
    category: str
    outcome: str | None
    root_cause: str | None


class RequestRow(TypedDict):
    """One row of ``requests``: what one department was asked, and how that ended (``core.rules.requests``)."""

    complaint_id: int
    number: int
    department: str
    asked_at: datetime
    due_at: datetime
    question_id: int | None
    ended_at: datetime | None
    ended: str | None
    reminded: int


class CycleRow(TypedDict):
    """One row of ``sla_cycles``."""

    complaint_id: int
    term: str
    number: int
    starts_at: datetime
    due_at: datetime
    warns_at: datetime
    stopped_at: datetime | None
    cancelled_at: datetime | None
    working_seconds: int | None
    calendar_version: int
    breach_reason: str | None


class RestatementRow(TypedDict):
    """One row of ``restatements``."""

    complaint_id: int
    seq: int
    term: str
    number: int
    corrected_at: datetime
    verdict_before: str | None
    verdict_after: str | None
    due_before: datetime | None
    due_after: datetime | None


class ClockColumns(TypedDict):
    """The columns of ``complaints`` that follow from its clocks (``core.register.clocks.cycles.columns_of``)."""

    next_due_at: datetime | None
    unexplained_due_at: datetime | None
    breach_reason: str | None


class DetailRow(TypedDict):
    """One row of ``details``: what is known of one field of the category."""

    complaint_id: int
    field: str
    value: str | None
    evidence_id: int | None


class ActionRow(TypedDict):
    """One row of ``actions``: a preventive action (``core.rules.prevention.Action``)."""

    complaint_id: int
    number: int
    what_id: int
    owner_id: int
    due_at: datetime
    cause: str
    approved_at: datetime | None
    done_at: datetime | None
    evidence_at: datetime | None
    verified_at: datetime | None
    effect: str | None
    effect_at: datetime | None


class PaperRow(TypedDict):
    """One row of ``papers``: a paper that was issued (``core.register.case.issued``)."""

    kind: str
    year: int
    branch: str
    ordinal: int
    number: str
    complaint_id: int
    seq: int
    file_id: int
    replaces: str | None
    issued_at: datetime
    issued_by: int | None


class EvidenceRow(TypedDict):
    """One row of ``evidence``: a text (``body``) or a file (``stored_as`` and what describes it)."""

    id: int
    complaint_id: int
    kind: str
    body: str | None
    file_name: str | None
    media_type: str | None
    size: int | None
    stored_as: str | None
    salt: bytes
    digest: bytes
    added_at: datetime
