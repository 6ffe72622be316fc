"""Sessions: a password becomes a token, a token names a person, until it expires, lies idle or is ended.

Where more than the password is asked (``core.register.people.entry``), the token opens nothing until that is done.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.errors import Invalid, Unavailable
from core.i18n import N_
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, FailedSignIn, Person, SignIn
from core.register.people import attempts, passwords, second_factor
from core.register.people.accounts import end_sessions, log, normal_login

LASTS = timedelta(days=14)
IDLE = timedelta(hours=12)  # a session that nobody used for so long is over
SEEN_EVERY = timedelta(minutes=5)  # how exactly the last use is known: one write in so long
HALF_LASTS = timedelta(minutes=15)  # from the password to the end of what is asked after it
STEPS = ("code", "password", "second_factor")
"""What may be asked after the password, in this order: a code of the second factor, a new password, setting one up."""
CLOSED = N_("Your account is closed, so you cannot sign in. If it is still needed, talk to an administrator.")
"""What whoever is still on the screen of a closed account is told."""
MAX_WAIT = 60  # seconds
LONGEST = 10  # doublings of the wait that are counted at all
FORGIVEN_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=30)  # ended and expired sessions stay this long, then only the log knows them


@dataclass(frozen=True, slots=True)
class Browser:
    """Whence somebody signs in: the network (``attempts.near``), the device in words, and the token it had before."""

    network: str = ""
    device: str = ""
    token: str | None = None


def sign_in(register: Register, login: str, password: str, browser: Browser = Browser(), *, now: datetime) -> str:
    """Check the password and open a session; returns its token, which is stored nowhere.

    Where more is asked than the password, the session opens nothing yet (``awaited`` names the step). The session of
    the token that the ``browser`` had ends, whosever it is: nobody can use or end it there any more.

    Takes the register, not a session: a failed try must stay written although an error is raised, and no lock is held
    while Argon2 works. Raises Invalid: one sentence for a wrong name and a wrong password alike, and "wait" after it
    (``take_a_password_try``), for names that exist and names that do not.
    """
    name = normal_login(login)
    take_a_password_try(register, name, browser.network, now=now)
    with register.read() as session:
        person = session.scalar(select(Person).where(Person.login == name, Person.active))
    stored_hash = person.password_hash if person else None
    if not passwords.matches(stored_hash, password) or person is None or stored_hash is None:
        raise Invalid(N_("The login name or the password is not right."))
    fresh = passwords.hash_password(password) if passwords.is_outdated(stored_hash) else None
    with register.write() as session:
        if session.scalar(select(Person.password_hash).where(Person.id == person.id, Person.active)) != stored_hash:
            raise Invalid(N_("The login name or the password is not right."))  # changed while it was checked
        forgive_password(session, name, browser.network, now=now)
        sign_out(session, browser.token, now=now)
        give_up(session, browser.token, now=now)
        if fresh:
            session.get_one(Person, person.id).password_hash = fresh
        return begin_session(session, person.id, now=now, device=browser.device)


def begin_session(
    session: Session, person_id: int, *, now: datetime, device: str = "", after: str | None = None
) -> str:
    """A session of that person that opens nothing before the next step of ``STEPS`` ``after`` that one is done.

    A whole session where nothing more is asked. Returns its token.
    """
    step = _next_step(session, session.get_one(Person, person_id), after)
    if step is None:
        return open_session(session, person_id, now=now, device=device)
    return _add(session, person_id, now, now + HALF_LASTS, device, step)


def open_session(session: Session, person_id: int, *, now: datetime, device: str = "") -> str:
    """A new session of that person; returns its token."""
    session.execute(delete(SignIn).where(SignIn.expires_at < now - FORGOTTEN_AFTER))
    session.execute(delete(FailedSignIn).where(FailedSignIn.last_at < now - FORGOTTEN_AFTER))
    token = _add(session, person_id, now, now + LASTS, device, None)
    _log(session, person_id, "signed_in", now)
    return token


def recognise(register: Register, token: str | None, *, now: datetime, used: bool = True) -> Person | None:
    """``who``, and note that the session was ``used``; the only way in for pages and routes.

    A note that cannot be written (disk full, somebody writes for long) keeps nobody from reading; the next one may.
    """
    with register.read() as session:
        person = who(session, token, now=now)
        kept = session.get(SignIn, digest(token)) if person is not None and token else None
        is_stale = kept is not None and now - kept.last_seen_at >= SEEN_EVERY
    if is_stale and used and token:
        with suppress(SQLAlchemyError, Unavailable), register.write() as session:
            session.execute(update(SignIn).where(SignIn.token_hash == digest(token)).values(last_seen_at=now))
    return person


def who(session: Session, token: str | None, *, now: datetime) -> Person | None:
    """Whose session ``token`` is.

    None when it is unknown, forged, expired, idle, ended, not whole yet, or the account is closed.
    """
    if not token:
        return None
    return session.scalar(
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == digest(token),
            *_is_open(now),
            Person.active,
            Person.password_hash.is_not(None),
        )
    )


def awaited(session: Session, token: str | None, *, now: datetime) -> tuple[Person, str] | None:
    """Whose half session ``token`` is, and the step of ``STEPS`` it waits for; None where it is none."""
    if not token:
        return None
    kept = session.get(SignIn, digest(token))
    if kept is None or kept.awaits is None or kept.ended_at is not None or kept.expires_at <= now:
        return None
    person = session.get_one(Person, kept.person_id)
    return (person, kept.awaits) if person.active and person.password_hash is not None else None


def why_ended(session: Session, token: str | None, *, now: datetime) -> str:
    """What ended the session of ``token``: ``closed`` (the account), ``idle``, or ``ended`` for everything else."""
    if closed_account(session, token) is not None:
        return "closed"
    kept = session.get(SignIn, digest(token)) if token else None
    if kept is None:
        return "ended"
    is_idle = kept.ended_at is None and kept.expires_at > now and now - kept.last_seen_at >= IDLE
    return "idle" if is_idle else "ended"


def closed_account(session: Session, token: str | None) -> Person | None:
    """Whose closed account the session of ``token`` was of; None for an account in use, and for no session of ours."""
    kept = session.get(SignIn, digest(token)) if token else None
    person = session.get_one(Person, kept.person_id) if kept else None
    return person if person is not None and not person.active else None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One session as its person sees it; ``device`` empty where it is unknown, ``is_this``: the one that asks."""

    device: str
    since: datetime
    last_seen: datetime
    is_this: bool


def open_sessions(session: Session, person_id: int, token: str | None, *, now: datetime) -> list[OpenSession]:
    """The open sessions of that person, the one of ``token`` first, then the last used first."""
    theirs = select(SignIn).where(SignIn.person_id == person_id, *_is_open(now))
    this = digest(token) if token else None
    found = [
        OpenSession(row.device, row.created_at, row.last_seen_at, is_this=row.token_hash == this)
        for row in session.scalars(theirs.order_by(SignIn.last_seen_at.desc(), SignIn.token_hash))
    ]
    return sorted(found, key=lambda one: not one.is_this)


def sign_out_elsewhere(session: Session, person_id: int, token: str, *, now: datetime) -> int:
    """End every session of that person but the one of ``token``; returns how many were open."""
    others = sum(not one.is_this for one in open_sessions(session, person_id, token, now=now))
    end_sessions(session, person_id, now=now, keep=digest(token))
    _log(session, person_id, "signed_out_elsewhere", now, sessions=others)
    return others


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
    session.get_one(SignIn, digest(token)).ended_at = now
    _log(session, person.id, "signed_out", now)


def give_up(session: Session, token: str | None, *, now: datetime) -> None:
    """End the half session of ``token``: whoever began to sign in starts again."""
    if token and awaited(session, token, now=now) is not None:
        session.get_one(SignIn, digest(token)).ended_at = now


def key_of_login(login: str, network: str = "") -> bytes:
    """Under which key the wrong tries of that name from that network are counted, whether anybody has it or not.

    Without a network: of whoever is signed in already (``core.register.people.entry``).
    """
    return attempts.key("login", f"{network}\0{normal_login(login)}")


def wait_after(tries: int, most: int = MAX_WAIT) -> int:
    """Seconds between so many wrong tries, each too soon to forgive the one before, and the next."""
    return min(1 << min(tries - 1, LONGEST), most)


def wait_seconds(session: Session, key: bytes, *, now: datetime, most: int = MAX_WAIT) -> int:
    """Whole seconds until the next try under that key (``attempts.key``); 0 when at once, never over ``most``."""
    failed = session.get(FailedSignIn, key)
    if failed is None or now - failed.last_at >= FORGIVEN_AFTER:
        return 0
    free_at = failed.last_at + timedelta(seconds=wait_after(failed.count, most))
    return max(0, -((now - free_at) // timedelta(seconds=1)))


def take_a_try(register: Register, key: bytes, *, now: datetime, most: int = MAX_WAIT) -> None:
    """Count the try as failed before the secret is looked at, so that tries at the same time gain nothing.

    ``key``: of ``attempts.key``. Raises Invalid while the last try is too near; the wait doubles with each up to
    ``most`` seconds.
    """
    with register.write() as session:
        _refuse_early(wait_seconds(session, key, now=now, most=most))
        _count(session, key, now)


def take_a_password_try(register: Register, login: str, network: str, *, now: datetime) -> None:
    """``take_a_try`` of a password of ``login`` from ``network``, which also uses one of the name's own tries.

    Raises Invalid where either has none (``attempts`` says how many there are).
    """
    name, key = normal_login(login), key_of_login(login, network)
    with register.write() as session:
        _refuse_early(max(wait_seconds(session, key, now=now), attempts.OF_NAME.wait(session, name, now=now)))
        _count(session, key, now)
        attempts.OF_NAME.count(session, name, now=now)


def forgive_password(session: Session, login: str, network: str, *, now: datetime) -> None:
    """The password was right: what was wrong from ``network`` is forgotten, what came from elsewhere still counts."""
    forgive(session, key_of_login(login, network))
    attempts.OF_NAME.give_back(session, normal_login(login), now=now)


def _refuse_early(wait: int) -> None:
    if wait:
        raise Invalid(N_("Too many tries: wait {seconds} seconds, then try again."), seconds=wait)


def _count(session: Session, key: bytes, now: datetime) -> None:
    failed = session.get(FailedSignIn, key)
    if failed is None:
        session.add(FailedSignIn(login_hash=key, count=1, last_at=now))
    else:
        failed.count = 1 if now - failed.last_at >= FORGIVEN_AFTER else failed.count + 1
        failed.last_at = now


def forgive(session: Session, key: bytes) -> None:
    """Forget the wrong tries under that key: the right secret was given."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.login_hash == key))


def digest(secret: str) -> bytes:
    """SHA-256, the only form in which a token is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What makes a row of ``sign_ins`` a session that opens pages."""
    return (
        SignIn.awaits.is_(None),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > now,
        SignIn.last_seen_at > now - IDLE,
    )


def _next_step(session: Session, person: Person, after: str | None) -> str | None:
    """The first step of ``STEPS`` ``after`` that one that this person owes; None where there is none left."""
    owed = {
        "code": second_factor.is_on(session, person.id),
        "password": person.must_change_password,
        "second_factor": second_factor.is_missing(session, person),
    }
    left = STEPS[STEPS.index(after) + 1 :] if after else STEPS
    return next((step for step in left if owed[step]), None)


def _add(session: Session, person_id: int, now: datetime, until: datetime, device: str, awaits: str | None) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=digest(token),
            person_id=person_id,
            created_at=now,
            expires_at=until,
            last_seen_at=now,
            device=device,
            awaits=awaits,
        )
    )
    session.flush()
    return token


def _log(session: Session, person_id: int, kind: str, now: datetime, **payload: object) -> None:
    person = session.get_one(Person, person_id)
    log(session, person, kind, payload, Act(person, now))
