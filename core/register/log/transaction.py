"""The state of one transaction beside its rows: evidence folder, rules in use, and the counters of the one writer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVarTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.register.log.tables import AnswerText, Complaint, Customer, Event, Evidence, Person

if TYPE_CHECKING:
    from core.register.rulebook import InUse, ProcedureInUse, Rulebook
    from core.rules.calendar import WorkCalendar
    from core.rules.catalogue import Catalogues
    from core.rules.organisation import Organisation
    from core.rules.procedure import Procedure

KEY = "transaction"
ClockRules = tuple[str, int, int | None, int]
"""Key and version of a procedure, reply days of the product, version of the calendar."""
Given = TypeVarTuple("Given")
Statement = tuple[Callable[..., object], tuple[object, ...]]
"""A function that writes, and its arguments behind the session: values that another process can be sent."""


class Counted(NamedTuple):
    """What the next transaction must know of one that may not be committed yet; the fields are those of it."""

    last_ids: dict[str, int]
    last_numbers: dict[int, int]
    last_seqs: dict[tuple[str, int], int]
    customers: dict[int, Mapping[str, object]]


@dataclass(slots=True)
class Transaction:
    """Stored with the session from its beginning to its end, never longer.

    ``Register.write`` lets one writer in at a time, so what is counted here (ids, numbers, the tail of the log) cannot
    be overtaken before the transaction ends. ``None`` and missing keys: not read from the database yet.
    """

    evidence_dir: Path
    rulebook: Rulebook
    calendar_version: int | None = None
    in_use: tuple[InUse, ...] | None = None
    """Newest versions of catalogues and procedures."""
    catalogues: Catalogues | None = None
    """Catalogues in use: every step and draft is checked against them."""
    organisation: Organisation | None = None
    """Whose register this is: every draft asks for its procedures."""
    procedure_versions: dict[str, list[ProcedureInUse]] | None = None
    """Procedure → its versions, the newest first."""
    clocks: dict[ClockRules, tuple[Procedure, WorkCalendar]] = field(default_factory=dict)
    """What the clocks of complaints are counted by: asked for twice a complaint."""
    answer_texts: dict[str, AnswerText] = field(default_factory=dict)
    """Texts that were used, by name: a session reads anew what nobody holds."""
    holders: dict[int, Person] | None = None
    """The people who may hold a complaint, by id."""
    incidents: set[str] | None = None
    """The codes of the incidents that can be joined."""
    last_ids: dict[str, int] = field(default_factory=dict)
    """Table → highest id given out."""
    last_numbers: dict[int, int] = field(default_factory=dict)
    """Local year → highest case number given out."""
    last_papers: dict[tuple[str, int, str], int] = field(default_factory=dict)
    """Kind of paper, local year and branch → highest number given out."""
    log_tail: tuple[int, bytes] | None = None
    """Id and seal of the newest event."""
    logged_at: datetime | None = None
    """When the newest event that this transaction added was logged; None where it added none."""
    last_seqs: dict[tuple[str, int], int] = field(default_factory=dict)
    """Subject → how many events it has, of those that are no complaint."""
    changed_customers: set[int] = field(default_factory=set)
    """Ids of customers who got another detail: their complaints are to be found by it."""
    customers: dict[int, Mapping[str, object]] = field(default_factory=dict)
    """Customers that were added or changed, by id."""
    earlier: Counted | None = None
    """What the transaction before this one counted, where it may not be committed yet."""
    salts: bytes = b""
    """Random bytes that were drawn and not used yet (``salt``)."""
    kept: list[Statement] | None = None
    """What is to be written later; None where this transaction writes itself."""
    tell: Callable[[Counted], None] | None = None
    """Whom to tell what is counted as soon as that is known (``nearly_counted``)."""


def begin(session: Session, evidence_dir: Path, rulebook: Rulebook) -> None:
    """Give ``session`` its value; called once by ``Register.read`` and ``Register.write``."""
    session.info[KEY] = Transaction(evidence_dir, rulebook)


def of(session: Session) -> Transaction:
    """The value of this session's transaction; KeyError where the session was not opened by a ``Register``."""
    transaction: Transaction = session.info[KEY]
    return transaction


def next_id(session: Session, table: type[Complaint] | type[Customer] | type[Event] | type[Evidence]) -> int:
    """The next free id of ``table``; the writer is alone, so counting in memory is safe until the transaction ends."""
    last_ids, name = of(session).last_ids, table.__tablename__
    if name not in last_ids:
        last_ids[name] = _last_id(session, table)
    last_ids[name] += 1
    return last_ids[name]


def _last_id(session: Session, table: type[Complaint] | type[Customer] | type[Event] | type[Evidence]) -> int:
    return session.scalar(select(func.max(table.id))) or 0


def salt(session: Session) -> bytes:
    """16 random bytes for a digest; drawn many at a time, because to ask the system takes longer than to make one."""
    state = of(session)
    if not state.salts:
        state.salts = secrets.token_bytes(16 * 64)
    found, state.salts = state.salts[:16], state.salts[16:]
    return found


def counted(session: Session) -> Counted:
    """What the next transaction goes on from before this one is committed."""
    state = of(session)
    return Counted(state.last_ids, state.last_numbers, state.last_seqs, state.customers)


def nearly_counted(session: Session, events: int) -> None:
    """Nothing more will be counted in this transaction than so many events: who prepares the next one may go on.

    It is no promise: who was told something else than what is counted in the end prepares anew.
    """
    state, name = of(session), Event.__tablename__
    if state.tell is not None:
        last = state.last_ids[name] if name in state.last_ids else _last_id(session, Event)
        ids = {**state.last_ids, name: last + events}
        state.tell(Counted(ids, dict(state.last_numbers), dict(state.last_seqs), dict(state.customers)))


def go_on(session: Session, earlier: Counted | None) -> None:
    """Count on from ``earlier``; None: from what is committed."""
    if earlier is not None:
        state = of(session)
        state.earlier = earlier
        state.last_ids, state.last_numbers = dict(earlier.last_ids), dict(earlier.last_numbers)
        state.last_seqs = dict(earlier.last_seqs)


def write(session: Session, statement: Callable[[Session, *Given], object], *arguments: *Given) -> None:
    """Run ``statement(session, *arguments)``, or keep it where that is done later (``core.register.log.ahead``)."""
    kept = of(session).kept
    if kept is None:
        statement(session, *arguments)
    else:
        kept.append((statement, arguments))
