"""What a person does about their own way in: the steps after the password, another password, the second factor.

These take the register, not a session, as ``sign_ins.sign_in`` does: a failed try must stay written although an error
is raised, and no lock is held while Argon2 works.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.i18n import N_
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person, SignIn
from core.register.people import accounts, attempts, passwords, second_factor, sign_ins

MAX_CODE_WAIT = 900  # seconds; how many codes a day that leaves: ``core.register.people.attempts``
WRONG_PASSWORD = N_("This is not your present password.")
SAME = N_("This is the present password: choose another.")
Result = TypeVar("Result")


def enter_code(register: Register, token: str, code: str, *, now: datetime) -> str:
    """Take the code of the half session ``token``; returns the token of what comes after it.

    Raises Invalid for a wrong code or one taken before, and "wait" after it; NotAllowed where no code is awaited.
    """
    person = _awaited(register, token, "code", now)
    _check_code(register, person, code, now)
    with register.write() as session:
        return _go_on(session, token, "code", now)


def enter_new_password(register: Register, token: str, password: str, *, now: datetime) -> str:
    """Set the new password that the half session ``token`` waits for; returns the token of what comes after it."""
    person = _awaited(register, token, "password", now)
    if passwords.matches(person.password_hash, password):
        raise Invalid(SAME, fields={"password": SAME})
    ready = accounts.judge(person, password)
    with register.write() as session:
        accounts.change_password(session, person.id, ready, Act(person, now), keep=sign_ins.digest(token))
        return _go_on(session, token, "password", now)


def enter_second_factor(register: Register, token: str, code: str, *, now: datetime) -> tuple[str, list[str]]:
    """Turn on the second factor that ``token`` waits for; returns the token of the session, and the recovery codes."""
    person = _awaited(register, token, "second_factor", now)
    with register.write() as session:
        codes = second_factor.turn_on(session, person.id, code, Act(person, now), keep=sign_ins.digest(token))
        return _go_on(session, token, "second_factor", now), codes


def change_password(register: Register, person: Person, token: str, old: str, new: str, *, now: datetime) -> None:
    """Another password of one's own; the session of ``token`` goes on, every other ends.

    Raises Invalid with what to mend in ``old`` or ``password``.
    """
    _check_password(register, person, old, now)
    if old == new:
        raise Invalid(SAME, fields={"password": SAME})
    ready = accounts.judge(person, new)
    with register.write() as session:
        accounts.change_password(session, person.id, ready, Act(person, now), keep=sign_ins.digest(token))


def turn_on_second_factor(register: Register, person: Person, password: str, code: str, *, now: datetime) -> list[str]:
    """Turn on the second factor that was offered, with the password: somebody at a screen left open has none.

    Returns the recovery codes; raises Invalid with what to mend in ``old`` or ``code``.
    """
    _check_password(register, person, password, now)
    with register.write() as session:
        return second_factor.turn_on(session, person.id, code, Act(person, now))


def turn_off_second_factor(register: Register, person: Person, password: str, code: str, *, now: datetime) -> None:
    """Turn one's own second factor off; raises Invalid with what to mend in ``old`` or ``code``."""
    _with_both(register, person, password, code, now, second_factor.turn_off)


def renew_recovery_codes(register: Register, person: Person, password: str, code: str, *, now: datetime) -> list[str]:
    """Ten new recovery codes of one's own; raises Invalid with what to mend in ``old`` or ``code``."""
    return _with_both(register, person, password, code, now, second_factor.renew_recovery_codes)


def _with_both(
    register: Register,
    person: Person,
    password: str,
    code: str,
    now: datetime,
    change: Callable[[Session, int, Act], Result],
) -> Result:
    """Make a change that takes password and code both."""
    _check_password(register, person, password, now)
    _check_code(register, person, code, now)
    with register.write() as session:
        return change(session, person.id, Act(person, now))


def _check_password(register: Register, person: Person, password: str, now: datetime) -> None:
    """Raise Invalid unless it is the person's password; tries count as those of signing in do."""
    sign_ins.take_a_password_try(register, person.login, "", now=now)
    with register.read() as session:
        stored = session.scalar(select(Person.password_hash).where(Person.id == person.id, Person.active))
    if not passwords.matches(stored, password):
        raise Invalid(WRONG_PASSWORD, fields={"old": WRONG_PASSWORD})
    with register.write() as session:
        sign_ins.forgive_password(session, person.login, "", now=now)


def _check_code(register: Register, person: Person, code: str, now: datetime) -> None:
    """Raise Invalid unless it is a code of the person's second factor that was not taken before."""
    key = attempts.key("code", str(person.id))
    sign_ins.take_a_try(register, key, now=now, most=MAX_CODE_WAIT)
    with register.write() as session:
        if not second_factor.take(session, person.id, code, Act(person, now)):
            raise Invalid(second_factor.WRONG, fields={"code": second_factor.WRONG})
        sign_ins.forgive(session, key)


def _awaited(register: Register, token: str, step: str, now: datetime) -> Person:
    """Whose half session it is; NotAllowed unless it waits for that step."""
    with register.read() as session:
        found = sign_ins.awaited(session, token, now=now)
    if found is None or found[1] != step:
        raise NotAllowed(N_("This took too long, or was done already: sign in again."))
    return found[0]


def _go_on(session: Session, token: str, done: str, now: datetime) -> str:
    """End the half session whose step is done, and begin what comes next under a new token."""
    half = session.get(SignIn, sign_ins.digest(token))
    if half is None or half.ended_at is not None or half.awaits != done:
        raise NotAllowed(N_("This took too long, or was done already: sign in again."))
    half.ended_at = now
    return sign_ins.begin_session(session, half.person_id, now=now, device=half.device, after=done)
