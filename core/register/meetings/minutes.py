"""A meeting over one week's figures: opened, written down, closed with its figures; each an event of the log.

The log holds who did what and when, and the digest of every text: people write names into minutes, and frozen figures
are long. The texts stand in ``meeting_texts`` under the place of their event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypedDict

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.case.draft import UNKEEPABLE
from core.register.figures.said import TOO_LONG
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent, Subject
from core.register.log.tables import Meeting, MeetingText
from core.register.people import accounts
from core.rules import meetings as rules
from core.rules.calendar import local_day, whole_second
from core.rules.text import keepable

SUBJECT, HOLD = "meeting", "hold_meetings"
OPENED, NOTED, CLOSED = "opened", "noted", "closed"
FIGURES = "figures"
"""What the text of ``CLOSED`` is: the frozen figures."""


class MeetingRow(TypedDict):
    """One row of ``meetings``; ``seq``: of its newest event."""

    id: int
    week: date
    opened_at: datetime
    opened_by: int | None
    closed_at: datetime | None
    closed_by: int | None
    seq: int


def begin(session: Session, monday: date, act: Act) -> int:
    """The meeting over the week from ``monday``, opened unless it exists; returns its id.

    Raises NotAllowed, and Invalid where that is no Monday or the week has not begun.
    """
    accounts.check_may(session, act, HOLD)
    found = session.scalar(select(Meeting.id).where(Meeting.week == monday))
    if found is not None:
        return found
    if monday.weekday() or monday > local_day(act.now):
        raise Invalid(N_("Choose a week that has begun."))
    row = MeetingRow(
        id=(session.scalar(select(func.max(Meeting.id))) or 0) + 1,
        week=monday,
        opened_at=act.stamp.happened_at,
        opened_by=act.actor_id,
        closed_at=None,
        closed_by=None,
        seq=1,
    )
    seal.append(session, Subject(SUBJECT, row["id"]), OPENED, {"week": monday.isoformat()}, act.stamp)
    session.execute(insert(Meeting).values(**row))
    return row["id"]


def note(session: Session, meeting_id: int, item: str, text: str, act: Act, *, seen: int) -> None:
    """Write down ``item`` (``core.rules.meetings.WRITTEN``; once the meeting is closed ``LATER`` alone).

    ``seen``: place of the event whose text the writer had before them, 0 for none; where somebody wrote meanwhile,
    Conflict. Raises NotAllowed, NotFound, and Invalid (``text``).
    """
    accounts.check_may(session, act, HOLD)
    meeting = get(session, meeting_id)
    if (item == rules.LATER) is (meeting.closed_at is None) or item not in (*rules.WRITTEN, rules.LATER):
        raise NotAllowed(N_("This meeting is closed: what is to be said later has a field of its own."))
    its = select(func.max(MeetingText.seq)).where(MeetingText.meeting_id == meeting_id, MeetingText.item == item)
    if (session.scalar(its) or 0) != seen:
        raise Conflict(N_("Somebody else wrote here meanwhile: look at it below, then save yours again."))
    write(session, meeting_id, NOTED, {"item": item}, act, text=(item, checked(text, rules.LONGEST_NOTE)))


def close(session: Session, meeting_id: int, figures: str, act: Act) -> None:
    """End the meeting and keep ``figures`` (JSON) as they are now. Raises NotAllowed, NotFound, Invalid.

    ``figures`` are not looked into here; they must have been read from what the log held at this moment.
    """
    accounts.check_may(session, act, HOLD)
    meeting = get(session, meeting_id)
    if meeting.closed_at is not None:
        raise NotAllowed(N_("Somebody closed this meeting already."))
    if not rules.may_close(meeting.week, local_day(act.now)):
        raise Invalid(N_("This week is not over: close the meeting once it is."))
    write(session, meeting_id, CLOSED, {"after": seal.newest(session)[0]}, act, text=(FIGURES, figures))
    closed = {"closed_at": act.stamp.happened_at, "closed_by": act.actor_id}
    session.execute(update(Meeting).where(Meeting.id == meeting_id).values(**closed))


def get(session: Session, meeting_id: int) -> Meeting:
    """The row of a meeting. Raises NotFound."""
    found = session.get(Meeting, meeting_id, populate_existing=True)
    if found is None:
        raise NotFound(N_("There is no such meeting: look at the page again."))
    return found


def write(
    session: Session,
    meeting_id: int,
    kind: str,
    payload: Mapping[str, object],
    act: Act,
    *,
    text: tuple[str, str] | None = None,
) -> int:
    """Log one event of a meeting; returns its place. ``text``: what it is and its words, whose digest the log holds."""
    seq = get(session, meeting_id).seq + 1
    if text is not None:
        item, body = text
        payload = {**payload, "digest": rulebook.digest(body)}
        session.execute(insert(MeetingText).values(meeting_id=meeting_id, seq=seq, item=item, body=body))
    seal.append(session, Subject(SUBJECT, meeting_id), kind, payload, act.stamp)
    session.execute(update(Meeting).where(Meeting.id == meeting_id).values(seq=seq))
    return seq


def checked(text: str, longest: int, *, needed: str = "") -> str:
    """The text as it is kept. Raises Invalid (``text``) where it cannot be, or is empty and ``needed`` says why not."""
    body = text.strip()
    wrong = needed if not body else TOO_LONG if len(body) > longest else UNKEEPABLE if keepable(body) != body else ""
    if wrong:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), {"text": wrong})
    return body


def fold(meeting_id: int, events: Iterable[LoggedEvent]) -> MeetingRow:
    """The events of one meeting, oldest first → its row."""
    row: MeetingRow | None = None
    for event in events:
        payload, at = seal.read(event.payload), whole_second(event.happened_at)
        if event.kind == OPENED:
            row = MeetingRow(
                id=meeting_id,
                week=date.fromisoformat(str(payload["week"])),
                opened_at=at,
                opened_by=event.actor_id,
                closed_at=None,
                closed_by=None,
                seq=event.seq,
            )
        if row is None:
            raise Invalid("A meeting begins with being opened.")
        row["seq"] = event.seq
        if event.kind == CLOSED:
            row["closed_at"], row["closed_by"] = at, event.actor_id
    if row is None:
        raise Invalid("A meeting begins with being opened.")
    return row
