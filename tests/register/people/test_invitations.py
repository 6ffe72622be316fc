"""One-time links: good once, for 72 hours, for one person; only a hash is kept, and nobody else learns the password."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, Invitation, Person
from core.register.people import accounts, invitations, sign_ins
from core.register.people.accounts import Account
from tests.conftest import Cast

GOOD, OTHER = "ba con mèo đen 7", "sáu con chim sẻ 9"
SECOND = timedelta(seconds=1)


def invite(register: Register, whom: Person, by: Person | None, now: datetime) -> str:
    with register.write() as session:
        return invitations.invite(session, whom.id, Act(by, now))


def accept(register: Register, code: str, now: datetime, password: str = GOOD) -> Person:
    with register.write() as session:
        return invitations.accept(session, code, password, now=now)


def kinds(register: Register, person: Person) -> list[tuple[str, int | None]]:
    with register.read() as session:
        its = select(Event.kind, Event.actor_id).where(Event.subject == "person", Event.subject_id == person.id)
        return [(row.kind, row.actor_id) for row in session.execute(its.order_by(Event.seq))]


def test_the_invited_person_sets_the_password_once(register: Register, cast: Cast, now: datetime) -> None:
    code = invite(register, cast.agent, cast.admin, now)
    with register.read() as session:
        kept = session.scalars(select(Invitation)).one()
        invited = invitations.invited(session, code, now=now)
        assert invitations.open_until(session, now=now) == {cast.agent.id: now + timedelta(hours=72)}
    assert code.encode() not in kept.code_hash
    assert invited is not None and invited.login == "agent"
    accept(register, code, now)
    assert sign_ins.sign_in(register, "agent", GOOD, now=now)
    with pytest.raises(NotAllowed):
        accept(register, code, now, OTHER)
    assert kinds(register, cast.agent) == [
        ("added", None), ("invited", cast.admin.id), ("password_changed", cast.agent.id), ("signed_in", cast.agent.id),
    ]  # fmt: skip


def test_no_secret_is_in_the_log(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    code = invite(sqlite_register, sqlite_cast.agent, sqlite_cast.admin, now)
    accept(sqlite_register, code, now)
    with sqlite_register.read() as session:
        told = " ".join(session.scalars(select(Event.payload)))
    assert code not in told
    assert GOOD not in told


def test_a_link_is_good_for_72_hours(register: Register, cast: Cast, now: datetime) -> None:
    code = invite(register, cast.agent, cast.admin, now)
    with register.read() as session:
        assert invitations.invited(session, code, now=now + timedelta(hours=72) - SECOND)
        assert invitations.invited(session, code, now=now + timedelta(hours=72)) is None
        assert invitations.open_until(session, now=now + timedelta(hours=72)) == {}
    with pytest.raises(NotAllowed):
        accept(register, code, now + timedelta(hours=72))


def test_a_new_link_replaces_the_older_and_a_revoked_one_is_worth_nothing(
    register: Register, cast: Cast, now: datetime
) -> None:
    older, newer = (invite(register, cast.agent, cast.admin, now) for _ in range(2))
    with register.read() as session:
        assert invitations.invited(session, older, now=now) is None
        assert invitations.invited(session, newer, now=now)
    with register.write() as session:
        invitations.revoke(session, cast.agent.id, Act(cast.admin, now))
        invitations.revoke(session, cast.agent.id, Act(cast.admin, now))
        assert invitations.invited(session, newer, now=now) is None
    assert [kind for kind, _by in kinds(register, cast.agent)] == ["added", "invited", "invited", "invitation_revoked"]


def test_the_old_password_stays_good_until_the_link_is_used(register: Register, now: datetime) -> None:
    with register.write() as session:
        lan = accounts.add(session, Account("lan", "Lan Anh", "agent"), GOOD, Act(None, now))
    code = invite(register, lan, None, now)
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    accept(register, code, now, OTHER)
    with register.read() as session:
        assert sign_ins.who(session, token, now=now) is None
    with pytest.raises(Invalid):
        sign_ins.sign_in(register, "lan", GOOD, now=now)
    assert sign_ins.sign_in(register, "lan", OTHER, now=now + SECOND)


def test_another_password_meanwhile_makes_the_link_worthless(register: Register, cast: Cast, now: datetime) -> None:
    code = invite(register, cast.agent, cast.admin, now)
    with register.write() as session:
        accounts.change_password(session, cast.agent.id, OTHER, Act(None, now), for_now=True)
        assert invitations.invited(session, code, now=now) is None


def test_a_refused_password_leaves_the_link_good(register: Register, cast: Cast, now: datetime) -> None:
    code = invite(register, cast.agent, cast.admin, now)
    with pytest.raises(Invalid) as refused:
        accept(register, code, now, "agent12345")
    assert set(refused.value.fields) == {"password"}
    assert accept(register, code, now).login == "agent"


def test_a_closed_account_is_not_invited_and_its_link_dies(register: Register, cast: Cast, now: datetime) -> None:
    code = invite(register, cast.agent, cast.admin, now)
    with register.write() as session:
        accounts.deactivate(session, cast.agent.id, Act(cast.admin, now))
        accounts.activate(session, cast.agent.id, Act(cast.admin, now))
        assert invitations.invited(session, code, now=now) is None
        accounts.deactivate(session, cast.agent.id, Act(cast.admin, now))
    with pytest.raises(NotAllowed):
        invite(register, cast.agent, cast.admin, now)


def test_only_an_administrator_invites_and_revokes(register: Register, cast: Cast, now: datetime) -> None:
    for by in (cast.agent, cast.lead, cast.handler, cast.manager, cast.analyst):
        with pytest.raises(NotAllowed):
            invite(register, cast.agent2, by, now)
        with pytest.raises(NotAllowed), register.write() as session:
            invitations.revoke(session, cast.agent2.id, Act(by, now))


@pytest.mark.parametrize("code", ["", "x", "A" * 32, "đ", "\ud800"])
def test_a_guessed_code_invites_nobody(register: Register, cast: Cast, now: datetime, code: str) -> None:
    invite(register, cast.agent, cast.admin, now)
    with register.read() as session:
        assert invitations.invited(session, code, now=now) is None
