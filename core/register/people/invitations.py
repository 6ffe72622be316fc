"""One-time links: a person sets their own password by one, so that nobody else ever knows it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.i18n import N_
from core.register.log.act import Act
from core.register.log.tables import Invitation, Person
from core.register.people import accounts
from core.register.people.accounts import NewPassword

LASTS = timedelta(hours=72)
CODE_BYTES = 24  # 192 bits: nobody guesses one, so tries need no limit


def invite(session: Session, person_id: int, act: Act) -> str:
    """A new link's code for that person, which replaces the older one; only its hash is stored.

    For somebody's first password and for a forgotten one alike; the old password and its sessions stay good until the
    link is used. Raises NotAllowed for a closed account and for whoever may not manage people.
    """
    accounts.check_may(session, act, "manage_people")
    person = accounts.get(session, person_id)
    if not person.active:
        raise NotAllowed(N_("This account is closed: open it again before you invite the person."))
    session.execute(delete(Invitation).where(Invitation.person_id == person_id))
    code, until = secrets.token_urlsafe(CODE_BYTES), act.now + LASTS
    session.add(Invitation(person_id=person_id, code_hash=_digest(code), created_at=act.now, expires_at=until))
    session.flush()
    accounts.log(session, person, "invited", {"until": until.isoformat()}, act)
    return code


def revoke(session: Session, person_id: int, act: Act) -> None:
    """Make the open link of that person worthless; nothing where there is none."""
    accounts.check_may(session, act, "manage_people")
    if session.get(Invitation, person_id) is not None:
        session.execute(delete(Invitation).where(Invitation.person_id == person_id))
        accounts.log(session, accounts.get(session, person_id), "invitation_revoked", {}, act)


def invited(session: Session, code: str, *, now: datetime) -> Person | None:
    """Whom ``code`` lets set a password, now; None for one that is unknown, used, replaced, revoked or too old."""
    return session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.code_hash == _digest(code), Invitation.expires_at > now, Person.active)
    )


def accept(session: Session, code: str, password: str | NewPassword, *, now: datetime) -> Person:
    """The invited person with that password, set by themselves; the code is used up and every session ends.

    ``password``: as for ``accounts.change_password``. Raises NotAllowed for a code that opens nothing,
    Invalid where the password is refused (the code stays good).
    """
    person = invited(session, code, now=now)
    if person is None:
        raise NotAllowed(N_("This link is not valid any more: ask an administrator for a new one."))
    accounts.change_password(session, person.id, password, Act(person, now))
    return person


def open_until(session: Session, *, now: datetime) -> dict[int, datetime]:
    """Person id → until when their link can be used; without those that cannot."""
    links = select(Invitation.person_id, Invitation.expires_at).where(Invitation.expires_at > now)
    return {row.person_id: row.expires_at for row in session.execute(links)}


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
