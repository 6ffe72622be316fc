"""An account that was closed writes nothing, by whatever verb, although its page was opened before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.register.calendar import calendars
from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import accounts
from core.register.people.accounts import Account
from tests.conftest import Cast
from tests.register.cases import draft

Verb = Callable[[Session, Act], object]
LATER = "ba con mèo đen 7"
# Everything that a person writes, with somebody who may: (verb, who, how).
VERBS: tuple[tuple[str, str, Verb], ...] = (
    ("log", "agent", lambda session, act: complaints.log(session, draft(), act)),
    ("take", "agent", lambda session, act: complaints.take(session, "KN-2026-000001", "note", {"text": "x"}, act)),
    ("calendar", "admin", lambda session, act: calendars.apply(session, calendars.current(session), "why", act)),
    ("add", "admin", lambda session, act: accounts.add(session, Account("new", "New", "agent"), None, act)),
    ("role", "admin", lambda session, act: accounts.set_role(session, 1, "lead", None, act)),
    ("close", "admin", lambda session, act: accounts.deactivate(session, 1, act)),
    ("open", "admin", lambda session, act: accounts.activate(session, 1, act)),
    ("password", "admin", lambda session, act: accounts.change_password(session, 1, LATER, act)),
    ("own password", "agent", lambda session, act: accounts.change_password(session, act.actor_id or 0, LATER, act)),
    ("own language", "agent", lambda session, act: accounts.set_language(session, "en", act)),
)


@pytest.mark.parametrize(("who", "write"), [row[1:] for row in VERBS], ids=[row[0] for row in VERBS])
def test_a_closed_account_writes_nothing(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime, who: str, write: Verb
) -> None:
    person: Person = getattr(sqlite_cast, who)
    with sqlite_register.write() as session:
        complaints.log(session, draft(), Act(None, now))
        session.get_one(Person, person.id).active = False
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        write(session, Act(person, now + timedelta(hours=1)))
