"""Decisions of a meeting: with an owner and a due day, carried over until they are done or dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TypedDict, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register.log import act as acts
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent
from core.register.log.tables import Decision, Person
from core.register.meetings import minutes
from core.register.people import accounts
from core.rules import meetings as rules
from core.rules import roles
from core.rules.calendar import local_day, whole_second
from core.rules.meetings import Ending

DECIDED, TAKEN_BACK, ENDED = "decided", "taken_back", "ended"
DECISION, RESULT = "decision", "result"
"""What the texts of ``DECIDED`` and ``ENDED`` are."""
WHERE = "prevention"
"""The page on which who has to do something finds it: owners are people who may open it."""
MEND = N_("Please mend the marked fields; everything you typed is still here.")


class DecisionRow(TypedDict):
    """One row of ``decisions``. ``seq``: place of the event in its meeting that has its words.

    ``ending``: what became of it, None while it is open; taken back in its own meeting: ``taken_back``. ``ended_seq``:
    place of the event with the words of that, in its own meeting.
    """

    id: int
    meeting_id: int
    seq: int
    owner_id: int
    due_on: date
    ending: str | None
    ended_at: datetime | None
    ended_by: int | None
    ended_seq: int | None


def owners(session: Session) -> dict[int, str]:
    """Id → name of the people who can have a decision to carry out, by name."""
    return {one.id: one.name for one in accounts.list_people(session) if one.active and roles.may_open(one.role, WHERE)}


def decide(session: Session, meeting_id: int, text: str, owner_id: int | None, due_on: date | None, act: Act) -> int:
    """Somebody is to do something by the end of a day; returns the id of the decision.

    Raises NotAllowed, NotFound, and Invalid with what to mend (``text``, ``owner``, ``due``).
    """
    accounts.check_may(session, act, minutes.HOLD)
    if minutes.get(session, meeting_id).closed_at is not None:
        raise NotAllowed(N_("This meeting is closed: decide it in the next one."))
    body, wrong = "", {}
    try:
        body = minutes.checked(text, rules.LONGEST_DECISION, needed=N_("Say what is to be done."))
    except Invalid as problem:
        wrong.update(problem.fields)
    owner = session.get(Person, owner_id) if owner_id is not None else None
    if owner is None or not owner.active or not roles.may_open(owner.role, WHERE):
        wrong["owner"] = N_("Choose who does it.")
    if due_on is None or due_on < local_day(act.now):
        wrong["due"] = N_("Choose today or a later day.")
    if wrong or owner is None or due_on is None:
        raise Invalid(MEND, wrong)
    id = (session.scalar(select(func.max(Decision.id))) or 0) + 1
    payload = {"decision": id, "owner": owner.id, "due": due_on.isoformat()}
    seq = minutes.write(session, meeting_id, DECIDED, payload, act, text=(DECISION, body))
    row = DecisionRow(
        id=id,
        meeting_id=meeting_id,
        seq=seq,
        owner_id=owner.id,
        due_on=due_on,
        ending=None,
        ended_at=None,
        ended_by=None,
        ended_seq=None,
    )
    session.execute(insert(Decision).values(**row))
    return id


def take_back(session: Session, decision_id: int, act: Act) -> None:
    """It was not decided so: out of the minutes while its meeting is open. Raises NotAllowed, NotFound."""
    accounts.check_may(session, act, minutes.HOLD)
    found = _open(session, decision_id)
    if minutes.get(session, found.meeting_id).closed_at is not None:
        raise NotAllowed(N_("This meeting is closed: say what became of the decision instead."))
    seq = minutes.write(session, found.meeting_id, TAKEN_BACK, {"decision": decision_id}, act)
    _end(session, decision_id, TAKEN_BACK, seq, act)


def end(session: Session, decision_id: int, ending: Ending, result: str, act: Act) -> None:
    """It was done, or is to be done no more: by its owner, or by who holds meetings.

    Raises NotAllowed, NotFound, and Invalid (``text``): why it is dropped must be said.
    """
    found = _open(session, decision_id)
    if acts.actor(session, act) is None or act.actor_id != found.owner_id:
        accounts.check_may(session, act, minutes.HOLD)
    needed = N_("Say why it is to be done no more.") if ending is Ending.DROPPED else ""
    body = minutes.checked(result, rules.LONGEST_RESULT, needed=needed)
    payload = {"decision": decision_id, "ending": ending.value}
    seq = minutes.write(session, found.meeting_id, ENDED, payload, act, text=(RESULT, body))
    _end(session, decision_id, ending.value, seq, act)


def fold(meeting_id: int, events: Iterable[LoggedEvent]) -> Iterator[DecisionRow]:
    """The events of one meeting, oldest first → the rows of its decisions."""
    rows: dict[int, DecisionRow] = {}
    for event in events:
        payload = seal.read(event.payload)
        if event.kind == DECIDED:
            id = cast("int", payload["decision"])
            rows[id] = DecisionRow(
                id=id,
                meeting_id=meeting_id,
                seq=event.seq,
                owner_id=cast("int", payload["owner"]),
                due_on=date.fromisoformat(str(payload["due"])),
                ending=None,
                ended_at=None,
                ended_by=None,
                ended_seq=None,
            )
        elif event.kind in (TAKEN_BACK, ENDED):
            row = rows[cast("int", payload["decision"])]
            row["ending"] = str(payload.get("ending", TAKEN_BACK))
            row["ended_at"], row["ended_by"] = whole_second(event.happened_at), event.actor_id
            row["ended_seq"] = event.seq
    yield from rows.values()


def _open(session: Session, decision_id: int) -> Decision:
    found = session.get(Decision, decision_id, populate_existing=True)
    if found is None:
        raise NotFound(N_("There is no such decision: look at the page again."))
    if found.ending is not None:
        raise NotAllowed(N_("Somebody said already what became of this decision."))
    return found


def _end(session: Session, decision_id: int, ending: str, seq: int, act: Act) -> None:
    values = {"ending": ending, "ended_at": act.stamp.happened_at, "ended_by": act.actor_id, "ended_seq": seq}
    session.execute(update(Decision).where(Decision.id == decision_id).values(**values))
