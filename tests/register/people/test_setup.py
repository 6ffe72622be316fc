"""The first administrator: let in once, by the newest code, and never again."""

from datetime import datetime

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person, SetupCode
from core.register.people import accounts, setup
from core.register.people.accounts import Account

ADMIN = {"login": "admin", "name": "Quản Trị", "password": "ba con mèo đen 7"}


def new_code(register: Register, now: datetime) -> str:
    with register.write() as session:
        return setup.new_setup_code(session, now)


def first_admin(register: Register, code: str, now: datetime, **changes: str) -> Person:
    with register.write() as session:
        given = ADMIN | changes
        account = Account(given["login"], given["name"], "admin")
        return setup.first_admin(session, code, account, given["password"], now=now)


def test_the_code_lets_one_administrator_in_and_is_used_up(register: Register, now: datetime) -> None:
    code = new_code(register, now)
    assert first_admin(register, code, now).role == "admin"
    with pytest.raises(NotAllowed):
        first_admin(register, code, now, login="second")
    with register.read() as session:
        assert not setup.needs_setup(session)
        assert session.scalars(select(SetupCode)).all() == []


def test_a_newer_code_replaces_the_older_and_only_a_hash_is_kept(register: Register, now: datetime) -> None:
    older, newer = new_code(register, now), new_code(register, now)
    with register.read() as session:
        assert not setup.opens_setup(session, older)
        assert setup.opens_setup(session, newer)
        assert newer.encode() not in session.scalars(select(SetupCode)).one().code_hash
    with pytest.raises(NotAllowed):
        first_admin(register, older, now)


@pytest.mark.parametrize("code", ["", "x", "đ", "\ud800"])
def test_a_guessed_code_opens_nothing(register: Register, now: datetime, code: str) -> None:
    new_code(register, now)
    with pytest.raises(NotAllowed):
        first_admin(register, code, now)


def test_a_mistake_in_the_form_leaves_the_code_good(register: Register, now: datetime) -> None:
    code = new_code(register, now)
    with pytest.raises(Invalid):
        first_admin(register, code, now, password="short")
    assert first_admin(register, code, now).login == "admin"


def test_colleagues_who_cannot_sign_in_do_not_end_set_up_but_anybody_who_can_does_for_good(
    register: Register, now: datetime
) -> None:
    with register.write() as session:
        accounts.add(session, Account(login="sample", name="Mẫu", role="agent"), None, Act(None, now))
        assert setup.needs_setup(session)
    person = first_admin(register, new_code(register, now), now)
    with register.write() as session:
        session.get_one(Person, person.id).active = False
        assert not setup.needs_setup(session)
    with pytest.raises(NotAllowed):
        new_code(register, now)
