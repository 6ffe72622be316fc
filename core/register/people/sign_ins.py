"""Sessions: a password becomes a token, a token names a person, until it expires or is ended."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_
from core.register.log import seal
from core.register.log.act import Stamp
from core.register.log.database import Register
from core.register.log.seal import Subject
from core.register.log.tables import Event, FailedSignIn, Person, SignIn
from core.register.people import passwords
from core.register.people.accounts import normal_login

LASTS = timedelta(days=14)
MAX_WAIT = 60  # seconds
FORGIVEN_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=30)  # ended and expired sessions stay this long, then only the log knows them


def sign_in(register: Register, login: str, password: str, *, now: datetime) -> str:
    """Check the password and open a session; returns its token, which is stored nowhere.

    Takes the register, not a session: a failed try must stay written although an error is raised, and no lock is held
    while Argon2 works. Raises Invalid: one sentence for a wrong name and a wrong password alike, and "wait" after it
    (1, 2, 4 … 60 seconds), for names that exist and names that do not.
    """
    key = normal_login(login)
    _take_a_try(register, key, now)
    with register.read() as session:
        person = session.scalar(select(Person).where(Person.login == key, Person.active))
    stored_hash = person.password_hash if person else None
    if not passwords.matches(stored_hash, password) or person is None or stored_hash is None:
        raise Invalid(N_("The login name or the password is not right."))
    fresh = passwords.hash_password(password) if passwords.is_outdated(stored_hash) else None
    with register.write() as session:
        if session.scalar(select(Person.password_hash).where(Person.id == person.id, Person.active)) != stored_hash:
            raise Invalid(N_("The login name or the password is not right."))  # changed while it was checked
        session.execute(delete(FailedSignIn).where(FailedSignIn.login_hash == _digest(key)))
        if fresh:
            session.get_one(Person, person.id).password_hash = fresh
        return open_session(session, person.id, now=now)


def open_session(session: Session, person_id: int, *, now: datetime) -> str:
    """A new session of that person; returns its token."""
    session.execute(delete(SignIn).where(SignIn.expires_at < now - FORGOTTEN_AFTER))
    session.execute(delete(FailedSignIn).where(FailedSignIn.last_at < now - FORGOTTEN_AFTER))
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=_digest(token), person_id=person_id, created_at=now, expires_at=now + LASTS))
    _log(session, person_id, "signed_in", now)
    return token


def who(session: Session, token: str | None, *, now: datetime) -> Person | None:
    """Whose session ``token`` is; None when it is unknown, forged, expired, ended, or the account is closed."""
    if not token:
        return None
    return session.scalar(
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == _digest(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            Person.active,
            Person.password_hash.is_not(None),
        )
    )


def last_sign_ins(session: Session) -> dict[int, datetime]:
    """Person id → when they last signed in; whoever never did is not in it."""
    signed_in = select(Event.subject_id, func.max(Event.happened_at)).where(
        Event.subject == "person", Event.kind == "signed_in"
    )
    found = session.execute(signed_in.group_by(Event.subject_id)).all()
    return {row[0]: row[1] for row in found}


def sign_out(session: Session, token: str | None, *, now: datetime) -> None:
    """End the session of ``token``; a token that opens nothing is left alone."""
    person = who(session, token, now=now)
    if person is None or token is None:
        return
    session.get_one(SignIn, _digest(token)).ended_at = now
    _log(session, person.id, "signed_out", now)


def wait_seconds(session: Session, login: str, *, now: datetime) -> int:
    """Whole seconds until that login name, existing or not, may be tried again; 0 when at once."""
    failed = session.get(FailedSignIn, _digest(normal_login(login)))
    if failed is None or now - failed.last_at >= FORGIVEN_AFTER:
        return 0
    free_at = failed.last_at + timedelta(seconds=min(2 ** min(failed.count - 1, 6), MAX_WAIT))
    return max(0, -((now - free_at) // timedelta(seconds=1)))


def _take_a_try(register: Register, key: str, now: datetime) -> None:
    """Count the try as failed before the password is looked at, so that tries at the same time gain nothing."""
    with register.write() as session:
        wait = wait_seconds(session, key, now=now)
        if wait:
            raise Invalid(N_("Too many tries: wait {seconds} seconds, then try again."), seconds=wait)
        failed = session.get(FailedSignIn, _digest(key))
        if failed is None:
            session.add(FailedSignIn(login_hash=_digest(key), count=1, last_at=now))
        else:
            failed.count = 1 if now - failed.last_at >= FORGIVEN_AFTER else failed.count + 1
            failed.last_at = now


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _log(session: Session, person_id: int, kind: str, now: datetime) -> None:
    seal.append(session, Subject("person", person_id), kind, {}, Stamp(now, now, person_id))
