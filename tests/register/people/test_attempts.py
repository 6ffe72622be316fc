"""How many wrong sign-ins an address may make, and a name may get, a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.errors import Invalid
from core.register.log.database import Register
from core.register.people import attempts, entry, sign_ins
from core.register.people.attempts import OF_ADDRESS, OF_NAME, give_back, near, network_of, take
from core.settings import ROOT

HERE = "203.0.113.7"
TRIES, PAUSE = OF_ADDRESS.tries, OF_ADDRESS.pause
DAY = timedelta(days=1)


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


@pytest.mark.parametrize(
    ("address", "tries_from", "why"),
    [
        ("203.0.113.7", "203.0.113.0/24", "neighbours"),
        ("::ffff:203.0.113.7", "203.0.113.0/24", "the same on an IPv6 socket"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "one home"),
        ("testclient", "testclient", "not an address"),
    ],
)
def test_neighbours_are_one_network(address: str, tries_from: str, why: str) -> None:
    assert near(address) == tries_from, why


def wrong(register: Register, login: str, network: str, now: datetime) -> int:
    """One wrong try; the seconds to wait where it is refused, and 0 otherwise."""
    try:
        sign_ins.take_a_password_try(register, login, network, now=now)
    except Invalid as refused:
        return int(str(refused.values["seconds"]))
    return 0


def test_a_stranger_elsewhere_makes_nobody_wait(register: Register, now: datetime) -> None:
    for wait in (0, 1, 2, 4, 8):
        now += timedelta(seconds=wait)
        assert wrong(register, "lan", "198.51.100.0/24", now) == 0
    assert wrong(register, "lan", "198.51.100.0/24", now) == 16
    assert wrong(register, "lan", "203.0.113.0/24", now) == 0, "the person's own first mistake"
    assert wrong(register, "lan", "203.0.113.0/24", now) == 1
    assert wrong(register, "bao", "198.51.100.0/24", now) == 0, "another name"


def test_all_networks_together_have_the_tries_of_the_name(register: Register, now: datetime) -> None:
    for n in range(OF_NAME.tries):
        assert wrong(register, "lan", f"10.0.{n}.0/24", now) == 0
    assert wrong(register, "Lan", "203.0.113.0/24", now) == OF_NAME.pause.total_seconds()
    assert wrong(register, "bao", "203.0.113.0/24", now) == 0
    with register.write() as session:
        sign_ins.forgive_password(session, "lan", "10.0.1.0/24", now=now)
    assert wrong(register, "lan", "10.0.1.0/24", now) == 0, "a right one is given back, with the wait of its network"
    assert wrong(register, "lan", "10.0.1.0/24", now) == OF_NAME.pause.total_seconds(), "the others still count"


def fastest(most: int) -> list[float]:
    """The seconds of a day at which whoever waits as little as possible tries, with waits of up to ``most`` seconds.

    After each try one may wait for the next, or for the hour that forgives. ``soonest``: tries in a row → when they can
    be made at the earliest; rows longer than the one after which the wait grows no more count as that one.
    """
    longest = next(n for n in range(1, 20) if sign_ins.wait_after(n, most) == most)
    hour, day = sign_ins.FORGIVEN_AFTER.total_seconds(), DAY.total_seconds()
    soonest: dict[int, list[float]] = {1: [0]}
    while True:
        tried = list(soonest.items())
        rows = [(min(n + 1, longest), [*at, at[-1] + sign_ins.wait_after(n, most)]) for n, at in tried]
        rows += [(1, [*at, at[-1] + hour]) for _n, at in tried]
        rows = [row for row in rows if row[1][-1] < day]
        if not rows:
            return min(soonest.values(), key=lambda at: at[-1])
        soonest = dict(sorted(rows, key=lambda row: row[1][-1], reverse=True))  # of two the sooner one


def most_in_a_day(session_register: Register, now: datetime) -> int:
    """How many tries of one name a day has, tried as soon as each is free, from a network of its own each time."""
    tried, at = 0, now
    with session_register.write() as session:
        while True:
            at += timedelta(seconds=OF_NAME.wait(session, "lan", now=at))
            if at >= now + DAY:
                return tried
            OF_NAME.count(session, "lan", now=at)
            tried += 1


def test_the_numbers_that_are_said_are_the_numbers(sqlite_register: Register, now: datetime) -> None:
    network, codes = len(fastest(sign_ins.MAX_WAIT)), len(fastest(entry.MAX_CODE_WAIT))
    anywhere = most_in_a_day(sqlite_register, now)
    docs = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    said = " ".join((attempts.__doc__ or "").split())
    assert f"at one name: {network:,} from one network, {anywhere:,} from all together" in said
    assert f"password known, {codes:,} codes" in said
    for number in (network, anywhere, codes):
        assert f"{number:,} a day" in docs


def test_the_register_lets_the_fastest_through_and_nobody_faster(sqlite_register: Register, now: datetime) -> None:
    key = attempts.key("code", "1")
    tries = fastest(entry.MAX_CODE_WAIT)[:30]
    for before, seconds in zip([0, *tries], tries, strict=False):
        at = now + timedelta(seconds=seconds)
        if 0 < seconds - before < sign_ins.FORGIVEN_AFTER.total_seconds():
            with pytest.raises(Invalid, match="wait 1 seconds"):
                sign_ins.take_a_try(sqlite_register, key, now=at - timedelta(seconds=1), most=entry.MAX_CODE_WAIT)
        sign_ins.take_a_try(sqlite_register, key, now=at, most=entry.MAX_CODE_WAIT)


def test_one_network_does_not_use_up_the_tries_of_a_name(sqlite_register: Register, now: datetime) -> None:
    with sqlite_register.write() as session:
        for seconds in fastest(sign_ins.MAX_WAIT):
            at = now + timedelta(seconds=seconds)
            assert OF_NAME.wait(session, "lan", now=at) == 0
            OF_NAME.count(session, "lan", now=at)
