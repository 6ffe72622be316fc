"""The tables: one append-only event log, and projections of it that can be rebuilt by replay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.rules.calendar import ensure_aware

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PASSING = {"info": {"passing": True}}
"""Arguments of a table that no backup takes along.

What lets somebody in must not come back once it was ended; what is made from other tables is made again.
"""


def micros(moment: datetime) -> int:
    """Microseconds from 1970 to an aware ``moment``."""
    try:
        span = moment - EPOCH
    except TypeError:
        ensure_aware(moment)
        raise
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


class Instant(TypeDecorator[datetime]):
    """An aware UTC moment: ``timestamptz`` on PostgreSQL, whole microseconds since 1970 on SQLite, which keeps no zone.

    A naive datetime is refused on the way in, so no local time can slip into the register (D12).
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int] | TypeEngine[datetime]:
        """The column type of this engine."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Aware datetime → what the engine stores."""
        if value is None:
            return None
        moment = value if value.tzinfo is UTC else ensure_aware(value).astimezone(UTC)
        return micros(moment) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | int | None, _dialect: Dialect) -> datetime | None:
        """What the engine stored → aware UTC datetime."""
        if value is None:
            return None
        if isinstance(value, int):  # SQLite
            return EPOCH + timedelta(
                0, value // 1_000_000, value % 1_000_000
            )  # from a timestamp it takes twice as long
        return value.astimezone(UTC)


class Terms(TypeDecorator[str]):
    """Words with blanks between: ``tsvector`` on PostgreSQL, text on SQLite; the words are those of ``rules.words``."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """The column type of this engine."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else TSVECTOR())

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """What the engine stored → words with blanks between; PostgreSQL puts each into quotes."""
        return None if value is None else value.replace("'", "")


class Base(DeclarativeBase):
    """Common ground of the tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), str: Text(), date: Date()}


BigId = BigInteger().with_variant(Integer(), "sqlite")


class Event(Base):
    """One thing that happened to a complaint or to the register; never changed, never deleted (triggers refuse it).

    ``subject``: complaint, incident, person, policy, calendar, procedure, catalogue, answer_text, rebase, known_event,
    api_key, import or export.
    ``seq``: 1, 2, 3 … within the subject. ``id`` is the change sequence: writers append one at a time, so it is also
    the commit order. ``hash`` seals the row and the one before it (``core.register.log.seal``). ``payload`` is
    canonical JSON without personal data: texts and files are named by the id and digest of their ``evidence`` row.
    """

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    happened_at: Mapped[datetime]
    logged_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[str]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("subject", "subject_id", "seq"),)


class Person(Base):
    """Somebody who signs in.

    ``department`` limits a handler to what was forwarded there, ``branch`` anybody to that branch (D32).
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(32))
    branch: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2), default="vi")
    password_hash: Mapped[str | None]  # None: an account that cannot sign in (sample staff, who was only invited)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)  # somebody else knows it
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]
    absent_from: Mapped[date | None]  # the last absence that was written down (D23), over or to come
    absent_until: Mapped[date | None]
    deputy_id: Mapped[int | None] = mapped_column(BigInteger)
    email: Mapped[str | None] = mapped_column(String(320))  # where messages go (D42); never in the log


class SignIn(Base):
    """A session: only the SHA-256 of its cookie token is stored.

    ``awaits``: the step between password and session that is still open (``core.register.people.entry``); until it is
    None the row opens nothing. ``device``: browser and system in words, as ``core.register.people.devices`` reads them.
    """

    __tablename__ = "sign_ins"
    __table_args__ = PASSING

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime]  # to within some minutes
    device: Mapped[str] = mapped_column(String(64), default="")
    awaits: Mapped[str | None] = mapped_column(String(16))


class Invitation(Base):
    """The one-time link by which a person sets their own password; one a person, only the SHA-256 of its code."""

    __tablename__ = "invitations"
    __table_args__ = PASSING

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SecondFactor(Base):
    """The secret that a person's authenticator app shares with the register (RFC 6238).

    ``confirmed_at`` None: offered, not in use yet. ``last_step``: the 30-second step of the last code that was taken.
    The secret is stored as it is: whoever reads this table reads everything that it protects in the tables beside it,
    and a key in a file would be one more thing whose loss locks everybody out.
    """

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    offered_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that stands in for the authenticator app once; only its SHA-256 is stored, and used ones are gone."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class FailedSignIn(Base):
    """Wrong passwords per login name as typed and network (hashed), existing or not: the delay reveals neither.

    Wrong codes of a second factor, the tries of an address and those of a name from anywhere are counted here too,
    under keys of their own kind (``core.register.people.attempts.key``).
    """

    __tablename__ = "failed_sign_ins"
    __table_args__ = PASSING

    login_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]


class SetupCode(Base):
    """The one-time code that lets the first administrator in; gone after set-up."""

    __tablename__ = "setup_codes"
    __table_args__ = PASSING

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    created_at: Mapped[datetime]


class FormDraft(Base):
    """What somebody typed into a form and has not saved yet (``core.register.people.drafts``); no part of the record.

    ``form``: ``log``, ``queue`` or ``case:KN-2026-000123``. ``token`` names one filling of it. ``fields``: JSON, with
    personal data. Once that filling was saved or given up ``fields`` is None and ``form`` ``over:`` and a digest of
    ``token``.
    """

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    form: Mapped[str] = mapped_column(String(32))
    token: Mapped[str] = mapped_column(String(64))
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaints.id"), index=True)
    fields: Mapped[str | None]
    saved_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("person_id", "form"),)


class Customer(Base):
    """Who complains: personal data, like ``evidence``, ``drafts`` and the words of ``search_texts``.

    The log attests the details by a digest over ``salt`` and them (``core.register.case.customers.digest``).
    """

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    phone_key: Mapped[str | None] = mapped_column(String(32), index=True)  # normalised for finding: 84912345678
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(index=True)
    account: Mapped[str | None]
    account_key: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)


class Evidence(Base):
    """A text or a file of a complaint: the customer's statement, a department's answer, a screenshot, a bank slip.

    Personal data is stored here, in ``customers``, in ``drafts`` and as words in ``search_texts``. ``digest`` is
    SHA-256 over ``salt`` + content, so the log can attest the content while erasing text and salt leaves nothing to
    guess from.
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))  # statement | remedy | note | answer | result | question | file …
    body: Mapped[str | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None] = mapped_column(String(128))
    size: Mapped[int | None] = mapped_column(BigInteger)
    stored_as: Mapped[str | None] = mapped_column(String(64))  # name under the evidence folder, never the person's
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]


_OPEN = "closed_at IS NULL AND state <> 'closed'"  # closed without a time, as imports may bring it (D30)


class Detail(Base):
    """A value of what a complaint's category must know (``core.rules.catalogue.Field``): a projection of its events.

    One that is personal is stored as the body of ``evidence_id``, so that the log attests it by a digest and it can be
    erased; any other as ``value``: text, a whole number, đồng, an ISO moment in UTC, or the key of a choice.
    """

    __tablename__ = "details"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str | None]
    evidence_id: Mapped[int | None] = mapped_column(BigInteger)


class Complaint(Base):
    """Where a complaint stands now: a projection of its events (``core.register.case.projection``)."""

    __tablename__ = "complaints"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    year: Mapped[int]
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int]  # the seq of its last event; the optimistic lock of every step
    changed: Mapped[int] = mapped_column(BigInteger, index=True)  # id of its last event; facts read what is newer
    procedure: Mapped[str] = mapped_column(String(32))
    procedure_version: Mapped[int]
    calendar_version: Mapped[int]
    state: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str | None] = mapped_column(String(16))  # inquiry | complaint, once classified
    category: Mapped[str] = mapped_column(String(32))
    level: Mapped[str | None] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(32))
    product: Mapped[str | None] = mapped_column(String(64))
    platform: Mapped[str | None] = mapped_column(String(32))
    branch: Mapped[str | None] = mapped_column(String(32))
    department: Mapped[str | None] = mapped_column(String(32))  # whose open request is due first, else asked last
    waiting_department: Mapped[bool] = mapped_column(Boolean, default=False)  # whether any request is open
    department_due_at: Mapped[datetime | None]  # earliest due of the open requests
    assignee_id: Mapped[int | None] = mapped_column(BigInteger)
    logged_by_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # who wrote its event ``received``
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    statement_id: Mapped[int | None] = mapped_column(BigInteger)
    remedy_id: Mapped[int | None] = mapped_column(BigInteger)
    incident_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]  # when the customer sent it, where that is known
    recorded_at: Mapped[datetime]  # when POPS's channel recorded it: the start of `acknowledge` (D4)
    acknowledged_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(32))
    root_cause: Mapped[str | None] = mapped_column(String(32))
    lesson_id: Mapped[int | None] = mapped_column(BigInteger)  # what was learnt when it was last closed with a lesson
    breach_reason: Mapped[str | None] = mapped_column(String(32))  # of its explained promise that was due last
    reopened: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=0)  # proposals made to the customer (D17)
    chase_on: Mapped[date | None]  # while the customer is awaited: the day on which we ask again
    analysis: Mapped[str | None] = mapped_column(String(16))  # waiting | approved | returned (D25)
    incident: Mapped[str | None] = mapped_column(String(16))  # code of the incident that it belongs to (D24)
    merged_into: Mapped[str | None] = mapped_column(String(20))  # code of the complaint in which it goes on (D13)
    direction: Mapped[str | None] = mapped_column(String(16))  # as core.rules.directions.Standing
    direction_from: Mapped[str | None] = mapped_column(String(16))  # superior | board
    direction_by_id: Mapped[int | None] = mapped_column(BigInteger)  # who asked for it
    direction_due_at: Mapped[datetime | None]  # while it is awaited
    direction_reminded: Mapped[int] = mapped_column(default=0)
    reply_days: Mapped[int | None]  # the product's own reply term when it was recorded (D9), working days
    next_due_at: Mapped[datetime | None]  # earliest due of its running clocks
    unexplained_due_at: Mapped[datetime | None]  # earliest due of its clocks without a reason that run or were missed
    source: Mapped[str | None] = mapped_column(String(32))
    external_ref: Mapped[str | None] = mapped_column(String(128))

    requests: Mapped[list[Request]] = relationship(order_by="Request.number", viewonly=True, lazy="selectin")

    __table_args__ = (
        UniqueConstraint("year", "number"),
        UniqueConstraint("source", "external_ref"),
        Index(
            "ix_complaints_open_by_due",
            "next_due_at",
            "id",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_complaints_analysis",
            "analysis",
            sqlite_where=text("analysis IS NOT NULL"),
            postgresql_where=text("analysis IS NOT NULL"),
        ),
        Index(
            "ix_complaints_lesson_id",
            "lesson_id",
            sqlite_where=text("lesson_id IS NOT NULL"),
            postgresql_where=text("lesson_id IS NOT NULL"),
        ),
        Index(
            "ix_complaints_incident",
            "incident",
            sqlite_where=text("incident IS NOT NULL"),
            postgresql_where=text("incident IS NOT NULL"),
        ),
        Index(
            "ix_complaints_merged_into",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index("ix_complaints_recorded_at", "recorded_at"),
        Index(
            "ix_complaints_chase_on",
            "chase_on",
            sqlite_where=text("chase_on IS NOT NULL"),
            postgresql_where=text("chase_on IS NOT NULL"),
        ),
    )


OPEN = and_(Complaint.closed_at.is_(None), Complaint.state != literal_column("'closed'"))
"""Whether a complaint is open; said as the partial index says it, else no engine would use that index."""


class Incident(Base):
    """One cause of which several customers complain (D24): a projection of its events
    (``core.register.case.incident``).

    Which complaints belong to it says ``complaints.incident``. ``title_id``: what it is called, a text in ``evidence``
    of the complaint that it was opened from, erased with it.
    """

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    year: Mapped[int]
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(16), unique=True)
    category: Mapped[str] = mapped_column(String(32))
    title_id: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("year", "number"),)


class Rebase(Base):
    """From which week on another level is usual of a promise (D28): a projection of its one event.

    Which of them are in force says ``core.rules.baselines.in_force``.
    """

    __tablename__ = "rebases"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(String(24))
    since: Mapped[date]
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)


class KnownEvent(Base):
    """What is known to have happened and is drawn on charts (D28): a projection of its events
    (``core.register.figures.known_events``).

    ``title``: words without personal data, which the log holds too. ``last_day``: None while it goes on.
    """

    __tablename__ = "known_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    category: Mapped[str | None] = mapped_column(String(32))
    stage: Mapped[str | None] = mapped_column(String(24))
    incident: Mapped[str | None] = mapped_column(String(16))
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(BigInteger)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger)


class Paper(Base):
    """A paper that was issued to a customer (D39): a projection of its event (``core.register.case.issued``).

    ``branch``: empty for none. ``ordinal``: from 1 within kind, year and branch, without a gap. ``seq``: of the event
    of the complaint. ``file_id``: the PDF, a row of ``evidence``. ``replaces``: the number of the paper that it
    corrects.
    """

    __tablename__ = "papers"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    branch: Mapped[str] = mapped_column(String(32), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    seq: Mapped[int]
    file_id: Mapped[int] = mapped_column(BigInteger)
    replaces: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(BigInteger)


class Meeting(Base):
    """The review of one week (``core.register.meetings``): a projection of its events; ``seq``: of the newest one."""

    __tablename__ = "meetings"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    week: Mapped[date] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(BigInteger)
    seq: Mapped[int]


class MeetingText(Base):
    """The words of one event of a meeting, whose digest the log holds: a note, a decision, what became of one, or the
    figures frozen at closing (JSON). ``item``: which.
    """

    __tablename__ = "meeting_texts"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(String(24))
    body: Mapped[str]


class Decision(Base):
    """What a meeting decided (``core.register.meetings.decisions``): a projection of the meeting's events."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    seq: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    due_on: Mapped[date]
    ending: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_seq: Mapped[int | None]


class Notice(Base):
    """What one person is told of (D40, ``core.register.notices``); no part of the record, and no personal data.

    ``cause`` is what it was written for, at most once a person: ``event:17``, or a moment of a clock. ``event_id`` is
    None for moments. ``read_at``: when the person had it before them, None before.
    """

    __tablename__ = "notices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaints.id"))
    event_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notices_person_id", "person_id", "at"),
        Index(
            "ix_notices_new",
            "person_id",
            "complaint_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )


class ApiKey(Base):
    """A key by which a program logs complaints (D41): a projection of its events (``core.register.api.keys``).

    ``scopes``: words with blanks between; ``origins``: the sites on which everybody may read the key, with blanks
    between, empty for one that is kept secret. ``digest``: SHA-256 of the key. ``last_used_at``: to within some
    minutes, and no part of the log.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    name: Mapped[str]
    channel: Mapped[str] = mapped_column(String(32))
    scopes: Mapped[str] = mapped_column(String(64))
    origins: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(BigInteger)
    last_used_at: Mapped[datetime | None]


class ApiRequest(Base):
    """What was written for one ``Idempotency-Key``, so that the same request is answered the same and done once.

    ``reference``: SHA-256 of that header; ``digest``: of the header and what was sent, which only the header tells.
    ``seq``: of the event that was written.
    """

    __tablename__ = "api_requests"
    __table_args__ = PASSING

    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    reference: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    seq: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(index=True)


class CaseSecret(Base):
    """What shows that somebody may follow a case (``core.register.api.secret``): SHA-256 over ``salt`` and the secret
    that was answered when it was logged.
    """

    __tablename__ = "case_secrets"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class MailMessage(Base):
    """A mail that was taken or sent, so that each counts once and an answer finds its case (D43, D46).

    ``digest``: of its id (``core.register.mail.reading.digest_of``). ``became``: as
    ``core.register.mail.intake.Became`` has it, ``sent`` for one of ours. ``complaint_id``: the case that it made or
    belongs to, None for none.
    """

    __tablename__ = "mail_messages"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    became: Mapped[str] = mapped_column(String(16))
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaints.id"), index=True)
    at: Mapped[datetime]


class Mailbox(Base):
    """How far a mailbox was read (D43): the number that its server gives it, and the highest of a mail."""

    __tablename__ = "mailboxes"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]


class Outlet(Base):
    """A way out of the register that an administrator set up (D42): a projection of its events, but for ``secret``.

    ``kind``: of ``core.rules.messages.OUTLETS``; ``settings``: its values, JSON. ``seq``: of its newest event.
    ``secret``: a password or key, stored as it is (docs/architecture.md, decision 11) and in no event.
    """

    __tablename__ = "outlets"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    settings: Mapped[str]
    secret: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    seq: Mapped[int]


class OutletState(Base):
    """That an outlet is in use, and how it went last; a restored backup has none, so it sends nothing by itself."""

    __tablename__ = "outlet_states"

    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), primary_key=True, autoincrement=False)
    is_on: Mapped[bool] = mapped_column(Boolean, default=False)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed_with: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = PASSING


class Message(Base):
    """One message to one reader through one outlet (D42), written with its cause in one transaction.

    ``reader``: ``person:12``, ``department:payment``, ``everybody`` or ``customer``. ``lines``: JSON, a list of kind,
    code, category, due (ISO, UTC), and event: no personal data, and no text that somebody typed. ``due_at``: not sent
    before.
    ``failed_with``: a name of the program. ``taken_by``: the worker that took it to be sent, last.
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"))
    reader: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    cause: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    lines: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[datetime] = mapped_column(index=True)
    taken_by: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None]
    failed_with: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("outlet_id", "reader", "cause"),
        Index("ix_messages_state", "state", "due_at"),
        PASSING,
    )


class MessageChoice(Base):
    """When messages of a group are sent (D42); ``who``: ``person:12``, or ``role:agent`` for whoever chose nothing."""

    __tablename__ = "message_choices"

    who: Mapped[str] = mapped_column(String(32), primary_key=True)
    group: Mapped[str] = mapped_column(String(16), primary_key=True)
    choice: Mapped[str] = mapped_column(String(16))


class WorkerState(Base):
    """The one worker (``core.register.messages.worker``): who it is, and how far it came. One row, ``id`` 1.

    ``until``: when whoever holds it has lost it unless it was renewed. ``told_until``: moments of clocks up to then
    have given their notices. ``morning_at``: when the messages of a morning were last written.
    """

    __tablename__ = "worker_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    told_until: Mapped[datetime]
    morning_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed_with: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = PASSING


class SearchText(Base):
    """The words a complaint is found by (``core.register.case.search_index``): personal data, made from the others.

    On SQLite triggers keep the full-text table ``search_index`` in step with it; on PostgreSQL it has a GIN index.
    """

    __tablename__ = "search_texts"
    __table_args__ = PASSING

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    words: Mapped[str] = mapped_column(Terms())


class Request(Base):
    """What one department was asked about a complaint (D19): a projection of its events (``core.rules.requests``).

    ``ended``: how it ended, None while an answer is owed. ``question_id``: the question, a row of ``evidence``.
    """

    __tablename__ = "requests"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    question_id: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None] = mapped_column(String(16))
    reminded: Mapped[int]

    __table_args__ = (Index("ix_requests_department", "department", "complaint_id"),)


class Issue(Base):
    """A further issue of a complaint beside its first (D34): a projection of its events (``core.rules.issues``)."""

    __tablename__ = "issues"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str | None] = mapped_column(String(32))
    root_cause: Mapped[str | None] = mapped_column(String(32))

    __table_args__ = (Index("ix_issues_category", "category", "complaint_id"),)


_RUNS = "stopped_at IS NULL AND cancelled_at IS NULL"


class SlaCycle(Base):
    """One clock of a complaint with its promise (D6, D8, D10); verdicts are decided when read."""

    __tablename__ = "sla_cycles"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    term: Mapped[str] = mapped_column(String(24), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    warns_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    working_seconds: Mapped[int | None] = mapped_column(BigInteger)
    calendar_version: Mapped[int]
    breach_reason: Mapped[str | None] = mapped_column(String(32))  # why it was missed, once somebody said it

    __table_args__ = (
        Index("ix_sla_cycles_running", "term", "due_at", sqlite_where=text(_RUNS), postgresql_where=text(_RUNS)),
        Index("ix_sla_cycles_due_at", "due_at", sqlite_where=text(_RUNS), postgresql_where=text(_RUNS)),
        Index("ix_sla_cycles_warns_at", "warns_at", sqlite_where=text(_RUNS), postgresql_where=text(_RUNS)),
    )


class Action(Base):
    """A preventive action of a complaint (D25): a projection of its events (``core.register.case.actions``).

    ``what_id``: the evidence that says what is done. ``cause``: that of the analysis that planned it. ``approved_at``:
    None while nobody has approved that analysis. ``effect``: as ``core.rules.prevention.Effect``, looked at last at
    ``effect_at``.
    """

    __tablename__ = "actions"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    what_id: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[int] = mapped_column(BigInteger, index=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    cause: Mapped[str] = mapped_column(String(32))
    approved_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    evidence_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    effect: Mapped[str | None] = mapped_column(String(16))
    effect_at: Mapped[datetime | None]


class Restatement(Base):
    """A promise whose given verdict, or due, the correction ``seq`` of its complaint changed (D21): a projection.

    What stood before and after, as of ``corrected_at``; None where there was, or is, no such promise.
    """

    __tablename__ = "restatements"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(String(24), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    corrected_at: Mapped[datetime]
    verdict_before: Mapped[str | None] = mapped_column(String(16))
    verdict_after: Mapped[str | None] = mapped_column(String(16))
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]


class CalendarVersion(Base):
    """The organisation's calendar as it stood from ``applied_at`` on (D8); ``content``: ``CalendarDays.to_json()``."""

    __tablename__ = "calendar_versions"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    applied_at: Mapped[datetime]
    applied_by: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str]
    content: Mapped[str]


class ProcedureVersion(Base):
    """A procedure as it stood when taken into use (D9); ``content`` is its TOML.

    ``applies_from``: complaints recorded from then on follow it, unless a newer version applies to them; None: all
    complaints, however long ago they were recorded.
    """

    __tablename__ = "procedure_versions"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    applied_at: Mapped[datetime]
    applies_from: Mapped[datetime | None]
    content: Mapped[str]


class AnswerText(Base):
    """One version of a text that is offered where something is said to a customer; never changed once written.

    ``status``: draft, approved, dropped or retired (``core.rules.answer_text``); approving, dropping and retiring write
    the next version. ``category``, ``step`` and ``channel`` narrow where it is offered, None for everywhere. ``body``
    may hold ``{name}``, ``{code}``, ``{deadline}`` and ``{holder}``.
    """

    __tablename__ = "answer_texts"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(32))
    step: Mapped[str | None] = mapped_column(String(32))
    channel: Mapped[str | None] = mapped_column(String(32))
    title: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(BigInteger)


class AnswerTextUse(Base):
    """How often an answer text, in any version, was used by events of ``kind`` on one local day.

    A projection of the events of all complaints. ``changed``: of these ``times``, how often it was changed before it
    was said.
    """

    __tablename__ = "answer_text_uses"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int]
    changed: Mapped[int]


class CatalogueVersion(Base):
    """A catalogue of ``core.rules.catalogue.LISTS``, or the organisation itself, as it stood when taken into use.

    ``content`` is its TOML.
    """

    __tablename__ = "catalogue_versions"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    applied_at: Mapped[datetime]
    content: Mapped[str]
