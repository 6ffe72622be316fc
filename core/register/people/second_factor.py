"""The second factor: codes of an authenticator app (TOTP, RFC 6238), recovery codes, and the roles that must have it.

What is asked before any of this is changed (password, tries) stands in ``core.register.people.entry``.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import pyotp
import segno
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import Event, Person, RecoveryCode, SecondFactor, SignIn
from core.register.people import accounts
from core.rules import roles

ISSUER = "POPS CSKH"  # what the app shows above the login name
STEP = 30  # seconds a code is shown; apps know no other
DRIFT = 1  # steps that a clock may be wrong, either way
DIGITS = 6
OFFER_LASTS = timedelta(hours=1)
RECOVERY_CODES, RECOVERY_LENGTH = 10, 10
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another: 10 of them are 49 bits
POLICY = Subject("policy", 1)
WRONG = N_("This code is not right: type the newest one that the app shows.")


def is_on(session: Session, person_id: int) -> bool:
    """Whether signing in asks that person for a code."""
    kept = session.get(SecondFactor, person_id)
    return kept is not None and kept.confirmed_at is not None


def people_with_it(session: Session) -> frozenset[int]:
    """Ids of those whose second factor is on."""
    return frozenset(session.scalars(select(SecondFactor.person_id).where(SecondFactor.confirmed_at.is_not(None))))


def offer(session: Session, person_id: int, *, now: datetime) -> str:
    """The secret to be set up in the app, the same for an hour, so that a page may be loaded again while it is scanned.

    Raises Invalid where the second factor is on already.
    """
    kept = session.get(SecondFactor, person_id)
    if kept is not None and kept.confirmed_at is not None:
        raise Invalid(N_("The second factor is on already."))
    if kept is not None and now - kept.offered_at < OFFER_LASTS:
        return kept.secret
    if kept is None:
        kept = SecondFactor(person_id=person_id, last_step=0)
        session.add(kept)
    kept.secret, kept.offered_at = pyotp.random_base32(), now
    session.flush()
    return kept.secret


def address_of(secret: str, login: str) -> str:
    """The ``otpauth://`` address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def qr_code(secret: str, login: str) -> str:
    """``address_of`` as an SVG picture: dark on light with its quiet zone in both modes, as cameras need it."""
    picture: str = segno.make(address_of(secret, login), error="m").svg_inline(scale=4, dark="#000", light="#fff")
    return picture


def turn_on(session: Session, person_id: int, code: str, act: Act, *, keep: bytes | None = None) -> list[str]:
    """Turn on what was offered, once the app shows the right code; returns the recovery codes, stored nowhere.

    Half sessions that wait for this very step end, but the one whose token has the hash ``keep``: nobody could take it
    there any more. Raises Invalid for a wrong code.
    """
    kept = session.get(SecondFactor, person_id)
    if kept is None or kept.confirmed_at is not None or not _take_code(kept, code, act.now):
        raise Invalid(WRONG, fields={"code": WRONG})
    kept.confirmed_at = act.now
    waiting = update(SignIn).where(
        SignIn.person_id == person_id, SignIn.awaits == "second_factor", SignIn.ended_at.is_(None)
    )
    if keep is not None:
        waiting = waiting.where(SignIn.token_hash != keep)
    session.execute(waiting.values(ended_at=act.now))
    accounts.log(session, accounts.get(session, person_id), "second_factor_on", {}, act)
    return _new_codes(session, person_id)


def take(session: Session, person_id: int, typed: str, act: Act) -> bool:
    """Whether ``typed`` is a code of the app that was not taken before, or a recovery code, which is used up by it."""
    kept = session.get(SecondFactor, person_id)
    if kept is None or kept.confirmed_at is None:
        return False
    return _take_code(kept, typed, act.now) or _take_recovery_code(session, person_id, typed, act)


def turn_off(session: Session, person_id: int, act: Act) -> None:
    """Turn it off, by the person; a role that demands it is asked to set it up again at the next sign-in."""
    _forget(session, person_id)
    accounts.log(session, accounts.get(session, person_id), "second_factor_off", {}, act)


def reset(session: Session, person_id: int, act: Act) -> None:
    """Turn it off for somebody who lost the device, by an administrator; their sessions end: one may be on it."""
    accounts.check_may(session, act, "manage_people")
    if not is_on(session, person_id):
        raise Invalid(N_("The second factor of this person is off."))
    _forget(session, person_id)
    accounts.end_sessions(session, person_id, now=act.now)
    accounts.log(session, accounts.get(session, person_id), "second_factor_reset", {}, act)


def renew_recovery_codes(session: Session, person_id: int, act: Act) -> list[str]:
    """Ten new recovery codes; the older ones are worth nothing from now on."""
    accounts.log(session, accounts.get(session, person_id), "recovery_codes_renewed", {}, act)
    return _new_codes(session, person_id)


def recovery_codes_left(session: Session, person_id: int) -> int:
    """How many recovery codes that person has not used."""
    return session.scalar(select(func.count()).where(RecoveryCode.person_id == person_id)) or 0


def demanding_roles(session: Session) -> tuple[str, ...]:
    """The roles whose people must have a second factor: what the newest decision in the log says."""
    decided = select(Event.payload).where(
        Event.subject == POLICY.kind, Event.subject_id == POLICY.id, Event.kind == "second_factor_demanded"
    )
    newest = session.scalar(decided.order_by(Event.seq.desc()).limit(1))
    demanded: Collection[object] = ()
    if newest is not None:
        found = seal.read(newest)["roles"]
        demanded = found if isinstance(found, list) else ()
    return tuple(role for role in roles.ROLES if role in demanded)


def demand(session: Session, of: Collection[str], act: Act) -> None:
    """From the next sign-in on, people of these roles, and of no other, must have a second factor.

    Raises Invalid for a role that there is not, NotAllowed for whoever may not manage people.
    """
    accounts.check_may(session, act, "manage_people")
    if not set(of) <= set(roles.ROLES):
        raise Invalid(N_("Choose a role"))
    wanted = [role for role in roles.ROLES if role in of]
    if tuple(wanted) != demanding_roles(session):
        seal.append(session, POLICY, "second_factor_demanded", {"roles": wanted}, act.stamp)


def is_missing(session: Session, person: Person) -> bool:
    """Whether the person's role demands a second factor that they have not set up."""
    return person.role in demanding_roles(session) and not is_on(session, person.id)


def _take_code(kept: SecondFactor, typed: str, now: datetime) -> bool:
    """Whether ``typed`` is the code of this step or a neighbour, later than the last one taken (RFC 6238, 5.2)."""
    code = "".join(typed.split())
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return False
    app, this = pyotp.TOTP(kept.secret, digits=DIGITS, interval=STEP), int(now.timestamp()) // STEP
    for step in range(max(this - DRIFT, kept.last_step + 1), this + DRIFT + 1):
        if secrets.compare_digest(app.generate_otp(step), code):
            kept.last_step = step
            return True
    return False


def _take_recovery_code(session: Session, person_id: int, typed: str, act: Act) -> bool:
    used = session.execute(
        delete(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.code_hash == _digest(typed))
    )
    assert isinstance(used, CursorResult)
    if not used.rowcount:
        return False
    left = {"left": recovery_codes_left(session, person_id)}
    accounts.log(session, accounts.get(session, person_id), "recovery_code_used", left, act)
    return True


def _new_codes(session: Session, person_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_digest(code)) for code in codes)
    session.flush()
    half = RECOVERY_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def _forget(session: Session, person_id: int) -> None:
    for table in (RecoveryCode, SecondFactor):
        session.execute(delete(table).where(table.person_id == person_id))


def _digest(code: str) -> bytes:
    """SHA-256 of a recovery code as it is compared: without dashes, spaces and capitals."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()
