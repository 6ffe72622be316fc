"""How many wrong sign-ins an address may make."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.register.log.database import Register
from core.register.people import attempts
from core.register.people.attempts import PAUSE, TRIES, give_back, network_of, take

HERE = "203.0.113.7"


def take_all(register: Register, now: datetime) -> None:
    assert [take(register, HERE, now=now) for _try in range(TRIES)] == [0] * TRIES


def test_an_address_has_so_many_tries_and_gets_them_back_one_by_one(register: Register, now: datetime) -> None:
    take_all(register, now)
    assert take(register, HERE, now=now) == PAUSE.total_seconds()
    assert take(register, HERE, now=now + PAUSE - timedelta(milliseconds=1)) == 1, "not quite"
    assert take(register, HERE, now=now + PAUSE) == 0
    assert take(register, HERE, now=now + PAUSE) == PAUSE.total_seconds(), "one came back, and was taken"
    assert take(register, "203.0.113.8", now=now) == 0, "another address has its own"


def test_after_a_while_all_are_there_again(register: Register, now: datetime) -> None:
    take_all(register, now)
    take_all(register, now + TRIES * PAUSE)
    assert take(register, HERE, now=now + TRIES * PAUSE) > 0, "and no more than all"


def test_a_right_try_is_given_back(register: Register, now: datetime) -> None:
    for _try in range(2 * TRIES):
        assert take(register, HERE, now=now) == 0
        give_back(register, HERE, now=now)


@pytest.mark.parametrize(
    ("address", "counts_as", "why"),
    [
        ("203.0.113.7", "203.0.113.7", "an IPv4 address"),
        ("::ffff:203.0.113.7", "203.0.113.7", "the same on an IPv6 socket"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "one home has them all"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64", "one home has them all"),
        ("fe80::1%eth0", "fe80::/64", "with the name of a network card"),
        ("testclient", "testclient", "not an address"),
    ],
)
def test_one_home_is_one(address: str, counts_as: str, why: str) -> None:
    assert network_of(address) == counts_as, why


def test_a_refused_try_writes_nothing(
    sqlite_register: Register, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_all(sqlite_register, now)
    monkeypatch.setattr(Register, "write", None)
    assert attempts.take(sqlite_register, HERE, now=now) > 0
