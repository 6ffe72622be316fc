"""The chain of seals: no event missing, changed, or out of place, and every seal kept outside still in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.log import seal
from core.register.log.seal import EventRow
from core.register.log.seals import Kept
from core.register.log.tables import Event
from core.register.proof.customers import Attested
from core.register.proof.report import Report, Steps
from core.register.proof.streams import stream


def check(
    session: Session, report: Report, steps: Steps, *, kept: Sequence[Kept] = (), wanted: str | None = None
) -> Attested:
    """Read the whole log in order; returns what it attests of customers, the newest word for each.

    ``kept``: seals from the file beside the database, each with the event it sealed. ``wanted``: the first digits (hex)
    of a seal that must be somewhere in the chain.
    """
    by_event: dict[int, list[Kept]] = {}
    for one in kept:
        by_event.setdefault(one.event, []).append(one)
    attested, is_found = Attested(), wanted is None
    expected, previous = 1, seal.GENESIS
    for found in stream(session, select(*Event.__table__.columns).order_by(Event.id)):
        row = cast("EventRow", dict(found._mapping))
        steps.more()
        report.events += 1
        if row["id"] != expected:
            report.add(
                N_("event {expected}: missing, the log goes on with {found}"), expected=expected, found=row["id"]
            )
        if row["previous"] != previous:
            report.add(N_("event {event}: does not follow the one before it"), event=row["id"])
        if row["hash"] != seal.fingerprint(row):
            report.add(N_("event {event}: was changed after it was written"), event=row["id"])
        expected, previous = row["id"] + 1, row["hash"]
        _compare(by_event.pop(row["id"], []), previous, report)
        is_found = is_found or previous.hex().startswith(cast("str", wanted))
        attested.read(row)
    report.seal, report.kept_seals = previous.hex(), len(kept) + (wanted is not None)
    for missing in by_event.values():
        _compare(missing, None, report)
    if not is_found:
        report.add(N_("the seal {seal} is not in the log: it was written anew, or belongs to another"), seal=wanted)
    return attested


def _compare(kept: Sequence[Kept], found: bytes | None, report: Report) -> None:
    for one in kept:
        if found != one.seal:
            report.add(
                N_("the seal kept on {day} for event {event} is not in the log: it was written anew, or is another"),
                day=one.day,
                event=one.event,
            )
