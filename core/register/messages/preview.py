"""What would have been sent in the days before (D42): from the notices there were and choices; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log.tables import Notice, Person
from core.register.messages import outbox
from core.register.messages.choices import Choices
from core.rules import messages as rules
from core.rules.messages import GROUP_OF, Choice

DAYS = timedelta(days=7)


@dataclass(slots=True)
class Forecast:
    """One person's messages: how many at once, on how many mornings, and about how many notices in all."""

    person_id: int
    name: str
    role: str
    has_address: bool
    at_once: int = 0
    mornings: int = 0
    notices: int = 0


def of_last_days(session: Session, now: datetime) -> list[Forecast]:
    """Everybody who would have got something, who most first.

    Of one person what was written in the same second is one message, as ``core.register.messages.outbox`` does it;
    what they read in time, and what waits for approval, is not left out or added.
    """
    told = select(Notice.person_id, Notice.kind, Notice.at).where(Notice.at > now - DAYS, Notice.at <= now)
    found = session.execute(told.order_by(Notice.at)).all()
    ids = {row.person_id for row in found}
    people = {one.id: one for one in session.scalars(select(Person).where(Person.active)) if one.id in ids}
    chosen, office = Choices(session, people.values()), outbox.office(session, now)
    forecasts = {
        id: Forecast(id, one.name, one.role, has_address=bool(one.email)) for id, one in sorted(people.items())
    }
    seen: set[tuple[int, Choice, object]] = set()
    for row in found:
        forecast = forecasts.get(row.person_id)
        if forecast is None:
            continue
        how = rules.when(row.kind, chosen.of(row.person_id, GROUP_OF[row.kind]))
        if how is Choice.OFF:
            continue
        forecast.notices += 1
        message = (row.person_id, how, row.at if how is Choice.AT_ONCE else office.next_morning(row.at))
        if message not in seen:
            seen.add(message)
            forecast.at_once += how is Choice.AT_ONCE
            forecast.mornings += how is Choice.MORNING
    return sorted((one for one in forecasts.values() if one.notices), key=lambda one: -one.notices)
