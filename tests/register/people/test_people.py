"""Accounts: what is asked of them, who may change them, and what the log keeps."""

import json
from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

import pytest
from sqlalchemy import select, update

from core.errors import Invalid, NotAllowed, NotFound
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, Person
from core.register.people import accounts, passwords, sign_ins
from core.register.people.accounts import Account
from tests.conftest import Cast

GOOD = "ba con mèo đen 7"


class AccountFields(TypedDict, total=False):
    """What a test says of an account; the fields of ``Account`` under their names."""

    login: str
    name: str
    role: str
    department: str | None


def add(
    register: Register,
    now: datetime,
    password: str | None = GOOD,
    by: Person | None = None,
    **changes: Unpack[AccountFields],
) -> Person:
    account = replace(Account("lan", "Lan Anh", "agent"), **changes)
    with register.write() as session:
        return accounts.add(session, account, password, Act(by, now))


def events_of(register: Register, person: Person) -> list[tuple[str, int | None, dict[str, object]]]:
    with register.read() as session:
        rows = session.execute(
            select(Event.kind, Event.actor_id, Event.payload)
            .where(Event.subject == "person", Event.subject_id == person.id)
            .order_by(Event.seq)
        )
        return [(row.kind, row.actor_id, json.loads(row.payload)) for row in rows]


def test_an_account_keeps_a_hash_and_the_log_keeps_no_name(register: Register, now: datetime) -> None:
    person = add(register, now, login="  Lan.Anh ", name="  Lan   Anh ")
    assert (person.login, person.name, person.active, person.language) == ("lan.anh", "Lan Anh", True, "vi")
    assert person.password_hash is not None
    assert person.password_hash.startswith("$argon2id$")
    assert events_of(register, person) == [("added", None, {"role": "agent", "department": None, "can_sign_in": True})]


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"login": "lan anh"}, "login", "a space is no part of a login name"),
        ({"login": "đào"}, "login", "accents cannot be typed everywhere"),
        ({"login": "a"}, "login", "too short to mean anything"),
        ({"login": ".lan"}, "login", "starts with a sign"),
        ({"name": "   "}, "name", "somebody must be named in the history"),
        ({"name": "x" * 81}, "name", "longer than a screen shows"),
        ({"role": "boss"}, "role", "not one of the six"),
        ({"role": "handler"}, "department", "a handler answers for a department"),
        ({"role": "handler", "department": "moon"}, "department", "no such department"),
        ({"password": "ngắn thôi"}, "password", "nine characters"),
        ({"password": "matkhau123456"}, "password", "well-known words and runs"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "password", "one letter sixteen times"),
        ({"login": "nguyen.lan.anh", "password": "Nguyen.Lan.Anh"}, "password", "the login itself"),
        ({"password": "x9K?" * 65}, "password", "longer than 256 characters"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused_per_field(
    sqlite_register: Register, now: datetime, changes: AccountFields, field: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(sqlite_register, now, **changes)
    assert set(refused.value.fields) == {field}, why
    with sqlite_register.read() as session:
        assert accounts.list_people(session) == []


def test_a_login_name_is_taken_in_any_capitals(sqlite_register: Register, now: datetime) -> None:
    add(sqlite_register, now)
    with pytest.raises(Invalid) as refused:
        add(sqlite_register, now, login="LAN")
    assert set(refused.value.fields) == {"login"}


def test_people_are_listed_in_vietnamese_order_those_who_may_sign_in_first(register: Register, now: datetime) -> None:
    names = ["Yến", "Ân", "Đạt", "Mạ", "Dũng", "Zoe", "An", "Ma", "Ăn", "Mà", "Em"]
    for number, name in enumerate(names):
        add(register, now, password=None, login=f"nguoi{number}", name=name)
    with register.write() as session:
        session.execute(update(Person).where(Person.name == "An").values(active=False))
    in_order = ["Ăn", "Ân", "Dũng", "Đạt", "Em", "Ma", "Mà", "Mạ", "Yến", "Zoe"]
    with register.read() as session:
        assert [person.name for person in accounts.list_people(session)] == [*in_order, "An"]
        assert [person.name for person in accounts.list_holders(session)] == in_order


def test_only_an_active_administrator_makes_accounts(register: Register, cast: Cast, now: datetime) -> None:
    for by in (cast.agent, cast.agent2, cast.lead, cast.handler, cast.manager, cast.analyst):
        with pytest.raises(NotAllowed):
            add(register, now, by=by)
    add(register, now, by=cast.admin)
    with register.write() as session:
        session.get_one(Person, cast.admin.id).active = False
    with pytest.raises(NotAllowed):
        add(register, now, login="second", by=cast.admin)


def test_a_new_role_is_logged_and_the_last_administrator_stays_one(sqlite_register: Register, now: datetime) -> None:
    admin = add(sqlite_register, now, login="boss", role="admin")
    agent = add(sqlite_register, now)
    with sqlite_register.write() as session:
        accounts.set_role(session, agent.id, "handler", "payment", Act(admin, now))
    assert events_of(sqlite_register, agent)[-1] == (
        "role_changed",
        admin.id,
        {"role": "handler", "department": "payment"},
    )
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        accounts.set_role(session, admin.id, "agent", None, Act(admin, now))
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        accounts.deactivate(session, admin.id, Act(admin, now))
    with sqlite_register.read() as session:
        assert accounts.get(session, admin.id).role == "admin"


def test_closing_an_account_ends_its_sessions_at_once_and_opening_it_does_not_bring_them_back(
    register: Register, now: datetime
) -> None:
    admin = add(register, now, login="boss", role="admin")
    agent = add(register, now)
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    with register.write() as session:
        accounts.deactivate(session, agent.id, Act(admin, now))
    with register.read() as session:
        assert sign_ins.who(session, token, now=now) is None
    with register.write() as session:
        accounts.activate(session, agent.id, Act(admin, now))
    with register.read() as session:
        assert sign_ins.who(session, token, now=now) is None


def test_a_new_password_ends_every_session_and_only_it_works(register: Register, now: datetime) -> None:
    agent = add(register, now)
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    with register.write() as session:
        accounts.change_password(session, agent.id, "sáu con chim sẻ 9", Act(agent, now))
    with register.read() as session:
        assert sign_ins.who(session, token, now=now) is None
        kept = accounts.get(session, agent.id).password_hash
    assert passwords.matches(kept, "sáu con chim sẻ 9")
    assert not passwords.matches(kept, GOOD)
    assert events_of(register, agent)[-1] == ("password_changed", agent.id, {})


def test_nobody_sets_the_password_of_somebody_else_not_even_an_administrator(
    register: Register, cast: Cast, now: datetime
) -> None:
    for by in (cast.lead, cast.admin):
        with pytest.raises(NotAllowed), register.write() as session:
            accounts.change_password(session, cast.agent.id, GOOD, Act(by, now))


def test_a_closed_account_changes_nothing_of_its_own(sqlite_register: Register, now: datetime) -> None:
    agent = add(sqlite_register, now)
    with sqlite_register.write() as session:
        session.get_one(Person, agent.id).active = False
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        accounts.change_password(session, agent.id, "sáu con chim sẻ 9", Act(agent, now))


def test_an_administrator_ends_every_session_of_a_person(register: Register, cast: Cast, now: datetime) -> None:
    agent = add(register, now)
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    with pytest.raises(NotAllowed), register.write() as session:
        accounts.sign_out_everywhere(session, agent.id, Act(cast.lead, now))
    with register.write() as session:
        accounts.sign_out_everywhere(session, agent.id, Act(cast.admin, now))
    with register.read() as session:
        assert sign_ins.who(session, token, now=now) is None
    assert events_of(register, agent)[-1] == ("signed_out_everywhere", cast.admin.id, {})


def test_the_language_is_the_persons_own_choice(sqlite_register: Register, now: datetime) -> None:
    agent = add(sqlite_register, now)
    with sqlite_register.write() as session:
        accounts.set_language(session, "en", Act(agent, now))
    assert events_of(sqlite_register, agent)[-1] == ("language_chosen", agent.id, {"language": "en"})
    with pytest.raises(Invalid), sqlite_register.write() as session:
        accounts.set_language(session, "fr", Act(agent, now))


def test_asking_for_nobody_is_a_sentence(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        with pytest.raises(NotFound):
            accounts.get(session, 99)
        with pytest.raises(NotFound):
            accounts.find(session, "nobody")
