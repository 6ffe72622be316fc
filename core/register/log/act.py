"""Who acts, when, and on which version: one value that travels from the screen to the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.i18n import N_
from core.register.log.tables import Person
from core.rules.calendar import whole_second
from core.rules.policy import Actor

OWN_PAGE, MAILBOX = 0, -1
"""What an event names instead of an API key: a customer wrote on the register's own page (D41), or a mail (D43)."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every event has beside its payload: when it happened, when it was written, and who did it.

    Both moments are cut to the second (D29): form, import and sample write through here, whatever their clock shows.
    ``api_key``: as ``Act`` has it; an event says it in its payload.
    """

    happened_at: datetime
    logged_at: datetime
    actor_id: int | None
    api_key: int | None = None

    def __post_init__(self) -> None:
        if (cut := whole_second(self.happened_at)) is not self.happened_at:
            object.__setattr__(self, "happened_at", cut)
        if (cut := whole_second(self.logged_at)) is not self.logged_at:
            object.__setattr__(self, "logged_at", cut)


@dataclass(frozen=True, slots=True)
class Act:
    """One act on the register.

    ``by``: None for the register itself (set-up, import, sample). ``happened_at``: when the step was taken, where that
    is not ``now``. ``version``: the version of the complaint that the person was looking at; None where nobody looked.
    ``api_key``: the id of the key by which a customer acts; ``OWN_PAGE`` on the page of the register where they follow
    their case; None where no customer acts by themselves (D41).
    """

    by: Actor | None
    now: datetime
    happened_at: datetime | None = None
    version: int | None = None
    api_key: int | None = None

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.happened_at or self.now

    @property
    def actor_id(self) -> int | None:
        """The person's id; None for the register itself."""
        return self.by.id if self.by else None

    @property
    def stamp(self) -> Stamp:
        """What the log stores of it."""
        return Stamp(self.at, self.now, self.actor_id, self.api_key)


def actor(session: Session, act: Act) -> Actor | None:
    """The person behind the act as the register knows them now; None for the register itself.

    Read again at every write: the screen may have been opened before a role changed or an account was closed. Raises
    NotAllowed for an account that is closed or unknown.
    """
    if act.by is None:
        return None
    person = session.get(Person, act.by.id)
    if person is None or not person.active:
        raise NotAllowed(N_("This account is closed: ask an administrator."))
    return person
