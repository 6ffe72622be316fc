"""Sessions: opened by a password, kept as a hash, ended by time, by hand, or by somebody's leaving; tries cost time."""

import sqlite3
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.register.log import database
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Event, Person, SignIn
from core.register.people import accounts, passwords, sign_ins
from core.register.people.accounts import Account
from core.register.people.sign_ins import Browser

GOOD = "ba con mèo đen 7"
SECOND = timedelta(seconds=1)


@pytest.fixture
def lan(register: Register, now: datetime) -> Person:
    with register.write() as session:
        return accounts.add(session, Account(login="lan", name="Lan Anh", role="agent"), GOOD, Act(None, now))


def who(register: Register, token: str | None, now: datetime) -> str | None:
    with register.read() as session:
        person = sign_ins.who(session, token, now=now)
        return person.login if person else None


def refusal(register: Register, login: str, password: str, now: datetime) -> str:
    with pytest.raises(Invalid) as refused:
        sign_ins.sign_in(register, login, password, now=now)
    return str(refused.value)


@pytest.mark.usefixtures("lan")
def test_the_right_password_opens_a_session_of_which_only_a_hash_is_kept(register: Register, now: datetime) -> None:
    token = sign_ins.sign_in(register, " LAN ", GOOD, now=now)
    assert who(register, token, now) == "lan"
    with register.read() as session:
        kept = session.scalars(select(SignIn)).one()
        kinds = session.scalars(select(Event.kind).where(Event.subject == "person").order_by(Event.id)).all()
    assert token.encode() not in kept.token_hash
    assert len(token) >= 43
    assert kinds == ["added", "signed_in"]


@pytest.mark.parametrize("token", [None, "", "x", "A" * 43, "đ" * 43, "\ud800"])
@pytest.mark.usefixtures("lan")
def test_a_forged_token_is_nobody(register: Register, now: datetime, token: str | None) -> None:
    sign_ins.sign_in(register, "lan", GOOD, now=now)
    assert who(register, token, now) is None


@pytest.mark.usefixtures("lan")
def test_a_session_lasts_fourteen_days_and_not_a_moment_more(register: Register, now: datetime) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    for hours in range(11, 14 * 24, 11):
        assert sign_ins.recognise(register, token, now=now + timedelta(hours=hours))
    assert who(register, token, now + timedelta(days=14) - SECOND) == "lan"
    assert who(register, token, now + timedelta(days=14)) is None


@pytest.mark.usefixtures("lan")
def test_a_session_that_nobody_used_for_twelve_hours_is_over(register: Register, now: datetime) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    assert who(register, token, now + timedelta(hours=12) - SECOND) == "lan"
    assert sign_ins.recognise(register, token, now=now + timedelta(hours=12)) is None
    assert who(register, token, now + timedelta(hours=12)) is None


@pytest.mark.usefixtures("lan")
def test_the_last_use_is_written_once_in_five_minutes(
    register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    written: list[int] = []
    write = register.write
    for minutes in range(16):

        def note(minute: int = minutes) -> AbstractContextManager[Session]:
            written.append(minute)
            return write()

        monkeypatch.setattr(register, "write", note)
        assert sign_ins.recognise(register, token, now=now + timedelta(minutes=minutes))
    assert written == [5, 10, 15]


@pytest.mark.usefixtures("lan")
def test_a_page_that_draws_itself_again_is_no_use(register: Register, now: datetime) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    for hours in range(12):
        assert sign_ins.recognise(register, token, now=now + timedelta(hours=hours), used=False)
    assert sign_ins.recognise(register, token, now=now + timedelta(hours=12), used=False) is None


@pytest.mark.usefixtures("lan")
def test_a_note_that_cannot_be_written_keeps_nobody_from_reading(
    register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)

    def full() -> AbstractContextManager[Session]:
        raise OperationalError("", {}, Exception("database or disk is full"))

    monkeypatch.setattr(register, "write", full)
    assert sign_ins.recognise(register, token, now=now + timedelta(hours=1))


def test_a_register_held_by_another_program_keeps_nobody_from_reading(
    sqlite_register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.write() as session:
        accounts.add(session, Account(login="lan", name="Lan Anh", role="agent"), GOOD, Act(None, now))
    token = sign_ins.sign_in(sqlite_register, "lan", GOOD, now=now)
    monkeypatch.setattr(database, "BUSY_MS", 50)
    register = Register(sqlite_register.url, sqlite_register.evidence_dir)
    holder = sqlite3.connect(register.engine.url.database or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    person = sign_ins.recognise(register, token, now=now + timedelta(minutes=6))
    holder.rollback()
    holder.close()
    assert person is not None and person.login == "lan"
    register.engine.dispose()


@pytest.mark.usefixtures("lan")
def test_a_forged_token_writes_nothing(register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "write", lambda: pytest.fail("a stranger made the register write"))
    assert sign_ins.recognise(register, "forged", now=now) is None
    assert sign_ins.recognise(register, None, now=now) is None


def test_a_person_sees_their_open_sessions_this_one_first(register: Register, lan: Person, now: datetime) -> None:
    def open_on(device: str, minutes: int) -> str:
        return sign_ins.sign_in(register, "lan", GOOD, Browser(device=device), now=now + timedelta(minutes=minutes))

    left, here, there = open_on("Safari, iPad", 0), open_on("Chrome, Windows", 1), open_on("", 2)
    with register.write() as session:
        sign_ins.sign_out(session, left, now=now + timedelta(minutes=3))
        other = accounts.add(session, Account(login="bao", name="Bảo", role="agent"), None, Act(None, now))
        sign_ins.open_session(session, other.id, now=now, device="Edge, Windows")
    with register.read() as session:
        found = sign_ins.open_sessions(session, lan.id, here, now=now + timedelta(hours=1))
        assert sign_ins.open_sessions(session, lan.id, there, now=now + timedelta(hours=13)) == []
    assert [(one.device, one.is_this, one.since - now) for one in found] == [
        ("Chrome, Windows", True, timedelta(minutes=1)),
        ("", False, timedelta(minutes=2)),
    ]


def test_signing_out_elsewhere_leaves_this_session_alone(register: Register, lan: Person, now: datetime) -> None:
    here, *others = (sign_ins.sign_in(register, "lan", GOOD, now=now) for _ in range(3))
    with register.write() as session:
        assert sign_ins.sign_out_elsewhere(session, lan.id, here, now=now) == 2
    assert [who(register, token, now) for token in (here, *others)] == ["lan", None, None]
    with register.read() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (newest.kind, newest.actor_id, newest.payload) == ("signed_out_elsewhere", lan.id, '{"sessions":2}')


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        ("closed", "closed"),
        ("signed_out", "ended"),
        ("forgotten", "idle"),
        ("expired", "ended"),
        ("never", "ended"),
    ],
)
def test_why_a_session_ended(register: Register, lan: Person, now: datetime, ends: str, why: str) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    later = now + {"forgotten": timedelta(hours=13), "expired": timedelta(days=15)}.get(ends, timedelta(minutes=1))
    with register.write() as session:
        if ends == "closed":
            accounts.deactivate(session, lan.id, Act(None, now))
        if ends == "signed_out":
            sign_ins.sign_out(session, token, now=now)
    with register.read() as session:
        assert sign_ins.why_ended(session, "forged" if ends == "never" else token, now=later) == why


@pytest.mark.usefixtures("lan")
def test_signing_out_ends_this_session_and_no_other(register: Register, now: datetime) -> None:
    here, there = (sign_ins.sign_in(register, "lan", GOOD, now=now) for _ in range(2))
    with register.write() as session:
        sign_ins.sign_out(session, here, now=now + SECOND)
        sign_ins.sign_out(session, "forged", now=now + SECOND)
    assert (who(register, here, now + SECOND), who(register, there, now + SECOND)) == (None, "lan")


@pytest.mark.usefixtures("lan")
def test_a_session_survives_the_end_of_the_process(register: Register, now: datetime) -> None:
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    register.engine.dispose()
    open_register.cache_clear()
    again = open_register(register.url, register.evidence_dir)
    assert again is not register
    assert who(again, token, now) == "lan"
    again.engine.dispose()


@pytest.mark.usefixtures("lan")
def test_wrong_name_and_wrong_password_get_the_same_sentence(register: Register, now: datetime) -> None:
    assert refusal(register, "lan", "wrong", now) == refusal(register, "nobody", "wrong", now)


def test_an_account_without_a_password_or_closed_gets_that_sentence_too(
    register: Register, lan: Person, now: datetime
) -> None:
    with register.write() as session:
        accounts.add(session, Account(login="silent", name="Im", role="agent"), None, Act(None, now))
        session.get_one(Person, lan.id).active = False
    assert refusal(register, "silent", "", now) == refusal(register, "nobody", "", now)
    assert refusal(register, "lan", GOOD, now) == refusal(register, "someone", GOOD, now)


@pytest.mark.parametrize("login", ["lan", "nobody"])
@pytest.mark.usefixtures("lan")
def test_every_wrong_try_doubles_the_wait_up_to_a_minute_for_any_name(
    register: Register, now: datetime, login: str
) -> None:
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        assert "password is not right" in refusal(register, login, "wrong", now)
        assert refusal(register, login, GOOD, now).startswith(f"Too many tries: wait {wait} seconds")
        assert "wait 1 seconds" in refusal(register, login, GOOD, now + timedelta(seconds=wait - 0.4))
        now += timedelta(seconds=wait)


@pytest.mark.usefixtures("lan")
def test_being_told_to_wait_does_not_make_the_wait_longer(register: Register, now: datetime) -> None:
    refusal(register, "lan", "wrong", now)
    for _ in range(5):
        refusal(register, "lan", "wrong", now + timedelta(milliseconds=500))
    assert who(register, sign_ins.sign_in(register, "lan", GOOD, now=now + SECOND), now + SECOND) == "lan"


@pytest.mark.usefixtures("lan")
def test_a_right_password_or_an_hour_forgives_what_was_wrong(register: Register, now: datetime) -> None:
    for minute in range(3):
        refusal(register, "lan", "wrong", now + timedelta(minutes=minute))
    sign_ins.sign_in(register, "lan", GOOD, now=now + timedelta(minutes=3))
    with register.read() as session:
        assert sign_ins.wait_seconds(session, sign_ins.key_of_login("lan"), now=now + timedelta(minutes=3)) == 0
    for minute in (4, 5, 6, 70):
        refusal(register, "lan", "wrong", now + timedelta(minutes=minute))
    with register.read() as session:
        assert sign_ins.wait_seconds(session, sign_ins.key_of_login("lan"), now=now + timedelta(minutes=70)) == 1


@pytest.mark.usefixtures("lan")
def test_one_name_does_not_make_another_wait(register: Register, now: datetime) -> None:
    refusal(register, "nobody", "wrong", now)
    assert who(register, sign_ins.sign_in(register, "lan", GOOD, now=now), now) == "lan"


def test_a_hash_with_older_parameters_is_renewed_at_sign_in(register: Register, lan: Person, now: datetime) -> None:
    with register.write() as session:
        session.get_one(Person, lan.id).password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash(GOOD)
    sign_ins.sign_in(register, "lan", GOOD, now=now)
    with register.read() as session:
        kept = accounts.get(session, lan.id).password_hash
    assert kept is not None
    assert not passwords.is_outdated(kept)


@pytest.mark.usefixtures("lan")
def test_sessions_long_expired_are_swept_away(register: Register, now: datetime) -> None:
    sign_ins.sign_in(register, "lan", GOOD, now=now)
    sign_ins.sign_in(register, "lan", GOOD, now=now + timedelta(days=60))
    with register.read() as session:
        assert len(session.scalars(select(SignIn)).all()) == 1


def test_a_password_changed_while_the_old_one_is_checked_stays_changed(
    register: Register, lan: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = passwords.matches

    def overtaken(kept: str | None, password: str) -> bool:
        with register.write() as session:
            accounts.change_password(session, lan.id, GOOD[::-1], Act(None, now))
        return checked(kept, password)

    monkeypatch.setattr(passwords, "matches", overtaken)
    monkeypatch.setattr(passwords, "is_outdated", lambda _kept: True)
    assert refusal(register, "lan", GOOD, now) == "The login name or the password is not right."
    monkeypatch.setattr(passwords, "matches", checked)
    assert sign_ins.sign_in(register, "lan", GOOD[::-1], now=now + 5 * SECOND)
