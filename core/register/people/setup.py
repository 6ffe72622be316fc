"""The first administrator: let in once, by a code that only the terminal showed."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.tables import Person, SetupCode
from core.register.organisation import choice
from core.register.organisation.choice import Whose
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules import roles

UNSAID = Whose("")


def needs_setup(session: Session) -> bool:
    """Whether nobody could ever sign in yet; once somebody can, set-up is over for good."""
    return not session.scalar(select(exists().where(Person.password_hash.is_not(None))))


def new_setup_code(session: Session, now: datetime) -> str:
    """A one-time code that replaces any older one; only its hash is stored."""
    _require_needed(session)
    session.execute(delete(SetupCode))
    code = secrets.token_urlsafe(24)
    session.add(SetupCode(code_hash=_digest(code), created_at=now))
    session.flush()
    return code


def opens_setup(session: Session, code: str) -> bool:
    """Whether ``code`` is the one that lets the first administrator in, now."""
    return needs_setup(session) and session.get(SetupCode, _digest(code)) is not None


def first_admin(
    session: Session, code: str, account: Account, password: str, *, whose: Whose = UNSAID, now: datetime
) -> Person:
    """The first administrator, against the code, which is used up by it; and whose register it is (D20).

    ``whose``: not said where the register is somebody's already. Raises NotAllowed for a wrong code or a register
    that is set up, Invalid with what to mend per field.
    """
    _require_needed(session)
    if not opens_setup(session, code):
        raise NotAllowed(N_("This set-up link is not valid any more: open the newest one shown in the terminal."))
    if not rulebook.has_organisation(session):
        try:
            choice.choose(session, whose.key, Act(None, now), name=whose.name)
        except NotFound as unknown:
            chosen = N_("Choose whose register this is.")
            raise Invalid(chosen, {"organisation": chosen}) from unknown
    person = accounts.add(session, replace(account, role=roles.FIRST_ROLE), password, Act(None, now))
    session.execute(delete(SetupCode))
    return person


def _require_needed(session: Session) -> None:
    if not needs_setup(session):
        raise NotAllowed(N_("This register is already set up: sign in, or ask an administrator for an account."))


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
