"""The ways out of the register (D42): set up, changed, switched on and removed by an administrator, each an event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent, Subject
from core.register.log.tables import Message, Outlet, OutletState
from core.register.messages import checks
from core.register.people import accounts
from core.rules.calendar import whole_second
from core.rules.catalogue import is_offered
from core.rules.messages import IMAP, OUTLETS, SMTP, TO_LOOK_AT, WAYS_OUT, WEBHOOK, State

SUBJECT, MANAGE = "outlet", "manage_outlets"
SET_UP, CHANGED, ON, OFF, REMOVED, RESENT = "set_up", "changed", "switched_on", "switched_off", "removed", "resent"
WITH_ITS_OUTLET = "removed"
"""Why a message was dropped: whoever removed its outlet dropped it."""
EVENTS = (SET_UP, CHANGED, ON, OFF, REMOVED, RESENT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An outlet as an administrator types it; ``secret``: None keeps the one there is."""

    kind: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = field(default=None, repr=False)

    def normal(self) -> Wanted:
        """Without blanks around what was typed, and only with the values of its kind."""
        known = OUTLETS[self.kind].values
        values = {name: self.values.get(name, "").strip() for name in known}
        return Wanted(self.kind, " ".join(self.name.split()), values, self.secret or None)


@dataclass(frozen=True, slots=True)
class Configured:
    """An outlet with its state; ``version``: the place of its newest event."""

    id: int
    kind: str
    name: str
    values: Mapping[str, str]
    version: int
    is_on: bool
    has_secret: bool
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    failed_with: str | None = None


class OutletRow(TypedDict):
    """One row of ``outlets`` but for its secret."""

    id: int
    kind: str
    name: str
    settings: str
    removed_at: datetime | None
    seq: int


def listed(session: Session) -> list[Configured]:
    """Every outlet that was not removed, the oldest first."""
    there = select(Outlet, OutletState).join(OutletState, OutletState.outlet_id == Outlet.id, isouter=True)
    found = session.execute(there.where(Outlet.removed_at.is_(None)).order_by(Outlet.id))
    return [_configured(outlet, state) for outlet, state in found]


def in_use(session: Session) -> list[Configured]:
    """The outlets that are switched on: without any, nothing leaves the register."""
    return [one for one in listed(session) if one.is_on and one.kind in WAYS_OUT]


def to_customers(session: Session) -> Configured | None:
    """The mail server by which mails to customers leave (D46): the first that is in use, None without one."""
    return next((one for one in in_use(session) if one.kind == SMTP), None)


def answers_to(session: Session, outlet: Configured) -> str:
    """Where customers' answers are read: what the mail server names, else the first mailbox that is an address.

    Empty where that is the sender's own address, or nothing says any.
    """
    users = (one.values["user"] for one in mailboxes(session))
    found = outlet.values.get("reply_to") or next((user for user in users if checks.is_address(user)), "")
    return "" if found == outlet.values["sender"] else found


def mailboxes(session: Session) -> list[Configured]:
    """The mailboxes that are read (D43)."""
    return [one for one in listed(session) if one.is_on and one.kind == IMAP]


def secret_of(session: Session, outlet_id: int) -> str:
    """The password or key of an outlet; empty where it has none."""
    return session.scalar(select(Outlet.secret).where(Outlet.id == outlet_id)) or ""


def set_up(session: Session, wanted: Wanted, act: Act) -> int:
    """Add an outlet, switched off; returns its id. Raises NotAllowed, and Invalid with what to mend per field."""
    accounts.check_may(session, act, MANAGE)
    wanted = wanted.normal()
    _refuse(session, wanted, wanted.secret)
    row = OutletRow(
        id=(session.scalar(select(func.max(Outlet.id))) or 0) + 1,
        kind=wanted.kind,
        name=wanted.name,
        settings=seal.canonical(wanted.values),
        removed_at=None,
        seq=1,
    )
    session.execute(insert(Outlet).values(**row, secret=wanted.secret))
    _log(session, row["id"], SET_UP, _payload(wanted, is_secret_new=wanted.secret is not None), act)
    return row["id"]


def change(session: Session, outlet_id: int, wanted: Wanted, act: Act, *, version: int) -> None:
    """Another name, other values, another secret; ``version``: that was looked at.

    Raises NotAllowed, NotFound, Conflict where somebody changed it meanwhile, and Invalid with what to mend per field.
    """
    outlet = _theirs(session, outlet_id, act, version)
    wanted = Wanted(outlet.kind, wanted.name, wanted.values, wanted.secret).normal()
    _refuse(session, wanted, wanted.secret or outlet.secret)
    new = {"name": wanted.name, "settings": seal.canonical(wanted.values), "seq": outlet.seq + 1}
    if wanted.secret is not None:
        new["secret"] = wanted.secret
    session.execute(update(Outlet).where(Outlet.id == outlet_id).values(**new))
    _log(session, outlet_id, CHANGED, _payload(wanted, is_secret_new=wanted.secret is not None), act)


def switch(session: Session, outlet_id: int, act: Act, *, version: int, is_on: bool) -> None:
    """Use an outlet from now on, or no longer; what waits in one that is off waits until it is on."""
    outlet = _theirs(session, outlet_id, act, version)
    _state(session, outlet_id)
    session.execute(update(OutletState).where(OutletState.outlet_id == outlet_id).values(is_on=is_on))
    session.execute(update(Outlet).where(Outlet.id == outlet_id).values(seq=outlet.seq + 1))
    _log(session, outlet_id, ON if is_on else OFF, {}, act)


def remove(session: Session, outlet_id: int, act: Act, *, version: int) -> None:
    """Take an outlet away with its secret; what was not sent through it is dropped.

    Of mails to customers the worker tells those whom they concern (``core.register.messages.to_customers``).
    """
    outlet = _theirs(session, outlet_id, act, version)
    gone = {"removed_at": act.stamp.happened_at, "secret": None, "seq": outlet.seq + 1}
    session.execute(update(Outlet).where(Outlet.id == outlet_id).values(**gone))
    session.execute(update(OutletState).where(OutletState.outlet_id == outlet_id).values(is_on=False))
    unsent = Message.outlet_id == outlet_id, Message.state.in_((State.WAITING, State.FAILED, *TO_LOOK_AT))
    session.execute(update(Message).where(*unsent).values(state=State.DROPPED, failed_with=WITH_ITS_OUTLET))
    _log(session, outlet_id, REMOVED, {}, act)


def note_result(session: Session, outlet_id: int, *, now: datetime, failed_with: str | None) -> None:
    """How the last try through an outlet went; no part of the record."""
    _state(session, outlet_id)
    new = {"failed_at": now, "failed_with": failed_with} if failed_with else {"sent_at": now, "failed_with": None}
    session.execute(update(OutletState).where(OutletState.outlet_id == outlet_id).values(**new))


def log_resent(session: Session, outlet_id: int, cause: str, act: Act) -> None:
    """That an administrator sent a message again."""
    row = session.get_one(Outlet, outlet_id, populate_existing=True)
    session.execute(update(Outlet).where(Outlet.id == outlet_id).values(seq=row.seq + 1))
    _log(session, outlet_id, RESENT, {"cause": cause}, act)


def fold(outlet_id: int, events: Iterable[LoggedEvent]) -> OutletRow:
    """The events of one outlet, oldest first → its row."""
    row: OutletRow | None = None
    for event in events:
        payload = seal.read(event.payload)
        if event.kind in (SET_UP, CHANGED):
            row = OutletRow(
                id=outlet_id,
                kind=str(payload["kind"]),
                name=str(payload["name"]),
                settings=seal.canonical(payload["values"]),  # type: ignore[arg-type] # as ``_payload`` wrote it
                removed_at=None,
                seq=event.seq,
            )
        assert row is not None, "the first event of an outlet sets it up"
        row["seq"] = event.seq
        if event.kind == REMOVED:
            row["removed_at"] = whole_second(event.happened_at)
    assert row is not None, "an outlet has events"
    return row


def _theirs(session: Session, outlet_id: int, act: Act, version: int) -> Outlet:
    accounts.check_may(session, act, MANAGE)
    outlet = session.get(Outlet, outlet_id, populate_existing=True)
    if outlet is None or outlet.removed_at is not None:
        raise NotFound(N_("There is no such outlet any more: look at the page again."))
    if outlet.seq != version:
        raise Conflict(N_("Somebody changed this meanwhile: look at it as it is now, then try again."))
    return outlet


def _refuse(session: Session, wanted: Wanted, secret: str | None) -> None:
    found = checks.problems(wanted.kind, wanted.name, wanted.values, secret)
    department = wanted.values.get("department")
    if wanted.kind == WEBHOOK and department and department not in rulebook.catalogues(session).departments:
        found["department"] = N_("There is no such department")
    if wanted.kind == IMAP:
        known = rulebook.catalogues(session)
        if not is_offered(known.categories, wanted.values["category"]):
            found["category"] = N_("Choose what the complaint is about.")
        if wanted.values["branch"] and not is_offered(known.branches, wanted.values["branch"]):
            found["branch"] = N_("Choose a branch from the list, or leave it empty.")
    if found:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), found)


def _payload(wanted: Wanted, *, is_secret_new: bool) -> dict[str, object]:
    """What the log says of an outlet: no secret, only that there is another one."""
    said: dict[str, object] = {"kind": wanted.kind, "name": wanted.name, "values": dict(wanted.values)}
    return said | ({"secret": "new"} if is_secret_new else {})


def _state(session: Session, outlet_id: int) -> None:
    """The row of its state, there from now on."""
    if session.scalar(select(OutletState.outlet_id).where(OutletState.outlet_id == outlet_id)) is None:
        session.execute(insert(OutletState).values(outlet_id=outlet_id, is_on=False))


def _log(session: Session, outlet_id: int, kind: str, payload: Mapping[str, object], act: Act) -> None:
    seal.append(session, Subject(SUBJECT, outlet_id), kind, payload, act.stamp)


def _configured(outlet: Outlet, state: OutletState | None) -> Configured:
    return Configured(
        outlet.id,
        outlet.kind,
        outlet.name,
        json.loads(outlet.settings),
        outlet.seq,
        is_on=state is not None and state.is_on,
        has_secret=bool(outlet.secret),
        sent_at=state.sent_at if state else None,
        failed_at=state.failed_at if state else None,
        failed_with=state.failed_with if state else None,
    )
