"""The organisation's targets (D16): set from a day on, by an administrator; what a past week is judged by stays."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.people import accounts
from core.register.rulebook import TARGETS, Change
from core.rules.calendar import local_day
from core.rules.targets import Target, Targets, ordered, target_of

LEAST, MOST = 0.5, 0.999


def version(session: Session) -> int:
    """The version of the targets, which whoever changes them hands back; 0 while none is set."""
    return rulebook.version_of(session, "catalogue", TARGETS)


def put(session: Session, wanted: Target, act: Act, *, version: int) -> None:
    """Set the target of a stage from a day on; another one of that stage and day is replaced.

    Raises NotAllowed, Conflict, and Invalid with what to mend (``share``, ``since``).
    """
    before = _opened(session, act, version)
    wrong: dict[str, str] = {}
    if not LEAST <= wanted.share <= MOST:
        wrong["share"] = N_("Write a share of 50 % to 99.9 %.")
    if wanted.since < local_day(act.now):
        wrong["since"] = N_("Choose today or a later day: what is past keeps the target of its time.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)
    kept = [one for one in before if (one.stage, one.since) != (wanted.stage, wanted.since)]
    old = target_of(before, wanted.stage, wanted.since)
    _write(session, before, ordered((*kept, wanted)), _change(wanted.stage, wanted.since, old, wanted.share), act)


def drop(session: Session, stage: str, since: date, act: Act, *, version: int) -> None:
    """Take back a target whose day has not come. Raises as ``put``."""
    before = _opened(session, act, version)
    if since <= local_day(act.now):
        raise Invalid(N_("This target applies already: set another one from today on."))
    kept = ordered(one for one in before if (one.stage, one.since) != (stage, since))
    old, new = (target_of(targets, stage, since) for targets in (before, kept))
    _write(session, before, kept, _change(stage, since, old, new), act)


def _opened(session: Session, act: Act, expected: int) -> Targets:
    accounts.check_may(session, act, "manage_lists")
    if expected != version(session):
        raise Conflict(N_("Somebody else changed this list meanwhile: look at it as it is now, then try again."))
    return rulebook.targets(session)


def _write(session: Session, before: Targets, after: Targets, change: Change, act: Act) -> None:
    if after == before:
        raise Invalid(N_("Nothing changes."))
    rulebook.add_targets(session, after, act, [change])


def _change(stage: str, since: date, before: float, after: float) -> Change:
    """Shares as per cent; what it is of: the day from which it applies."""
    return Change(stage, since.isoformat(), f"{before * 100:g}", f"{after * 100:g}")
