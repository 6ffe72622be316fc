"""A mailbox read to its end: each mail taken in a transaction of its own, together with how far that is (D43)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log.database import Register
from core.register.log.tables import Mailbox
from core.register.mail import mailbox
from core.register.mail.intake import Arrived, Became, Box, take
from core.register.mail.mailbox import Fetched, Place, Position, Secure
from core.register.mail.reading import read

log = logging.getLogger(__name__)


def poll(
    register: Register, name: str, place: Place, box: Box, clock: Callable[[], datetime], *, most: int | None = None
) -> Counter[Became]:
    """Take what arrived in the mailbox ``name`` since it was read last, ``most`` of it; how many mails became what.

    Whatever ends it in between, the next call goes on with the mail after the last one that was taken: mail, complaint
    and place are one transaction. Raises ``UnreadableError``.
    """
    became = Counter[Became]()
    with register.read() as session:
        since = position(session, name)
    with mailbox.opened(place) as connection:
        for fetched in islice(mailbox.newer(connection, place.folder, since), most):
            became[_take(register, name, fetched, box, clock())] += 1
    return became


def name_of(outlet_id: int) -> str:
    """Under which name it is kept how far the mailbox of an outlet was read."""
    return f"outlet:{outlet_id}"


def place_of(values: Mapping[str, str], secret: str) -> Place:
    """Where the mailbox of an outlet is; ``values`` as ``core.rules.messages.OUTLETS`` names them."""
    secure = cast("Secure", values["tls"])
    return Place(values["server"], int(values["port"]), values["user"], secret, values["folder"], secure)


def box_of(values: Mapping[str, str]) -> Box:
    """How complaints of its mails are logged: by the organisation's first procedure."""
    return Box("", values["category"], values["branch"] or None)


def position(session: Session, name: str) -> Position:
    """How far the mailbox ``name`` was read."""
    row = session.scalars(select(Mailbox).where(Mailbox.name == name)).first()
    return Position(row.validity, row.uid) if row else Position()


def _take(register: Register, name: str, fetched: Fetched, box: Box, now: datetime) -> Became:
    """A mail that the server cannot give, or that is larger than any case takes, stays in the mailbox."""
    became = Became.REFUSED
    arrived = Arrived(read(fetched.raw), fetched.raw, fetched.at or now) if fetched.raw else None
    with register.write() as session:
        if arrived is not None:
            taken = take(session, arrived, box, now=now)
            became = taken.became
            if taken.why is not None:
                log.warning("mail %d of %s was refused: %s", fetched.position.uid, name, type(taken.why).__name__)
        row = session.get(Mailbox, name) or Mailbox(name=name)
        row.validity, row.uid = fetched.position
        row.read_at = now
        session.add(row)
    return became
