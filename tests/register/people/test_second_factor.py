"""The second factor: codes once only, a clock a step wrong, recovery codes, and what it takes to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from core.errors import Invalid, NotAllowed
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, Person, RecoveryCode
from core.register.people import accounts, attempts, entry, second_factor, sign_ins
from core.register.people.accounts import Account
from tests.conftest import Cast

GOOD, OTHER = "ba con mèo đen 7", "sáu con chim sẻ 9"
STEP = timedelta(seconds=30)


@dataclass
class Phone:
    """Somebody with an authenticator app, at a moment."""

    register: Register
    person: Person
    secret: str
    recovery: list[str]
    now: datetime

    def code(self, steps: int = 0) -> str:
        """What the app shows, or showed that many steps away."""
        return pyotp.TOTP(self.secret).at(self.now + steps * STEP)

    def take(self, code: str) -> bool:
        with self.register.write() as session:
            return second_factor.take(session, self.person.id, code, Act(self.person, self.now))

    def sign_in(self) -> tuple[str, str | None]:
        """The token after the password, and the step it waits for."""
        token = sign_ins.sign_in(self.register, self.person.login, GOOD, now=self.now)
        return token, awaits(self.register, token, self.now)


def awaits(register: Register, token: str, now: datetime) -> str | None:
    with register.read() as session:
        found = sign_ins.awaited(session, token, now=now)
        assert (found is None) == (sign_ins.who(session, token, now=now) is not None), "half open or whole, never both"
        return found[1] if found else None


def add(register: Register, now: datetime, role: str = "agent", *, for_now: bool = False) -> Person:
    with register.write() as session:
        return accounts.add(session, Account("lan", "Lan Anh", role), GOOD, Act(None, now), for_now=for_now)


def set_up(register: Register, person: Person, now: datetime) -> tuple[str, list[str]]:
    with register.write() as session:
        secret = second_factor.offer(session, person.id, now=now)
        codes = second_factor.turn_on(session, person.id, pyotp.TOTP(secret).at(now), Act(person, now))
    return secret, codes


@pytest.fixture
def phone(register: Register, now: datetime) -> Phone:
    """Lan, who turned it on a minute ago."""
    lan = add(register, now)
    secret, codes = set_up(register, lan, now)
    return Phone(register, lan, secret, codes, now + timedelta(minutes=1))


def kinds(register: Register, person: Person) -> list[str]:
    with register.read() as session:
        its = select(Event.kind).where(Event.subject == "person", Event.subject_id == person.id)
        return list(session.scalars(its.order_by(Event.seq)))


# codes


@pytest.mark.parametrize(
    ("steps", "taken", "why"),
    [
        (0, True, "this step"),
        (-1, True, "a phone half a minute behind"),
        (1, True, "one that is ahead"),
        (-2, False, "a minute behind is too much"),
        (2, False, "and a minute ahead"),
    ],
)
def test_a_clock_may_be_a_step_wrong(phone: Phone, steps: int, taken: bool, why: str) -> None:
    phone.now += timedelta(minutes=10)
    assert phone.take(phone.code(steps)) is taken, why


def test_a_code_is_taken_once_and_so_is_every_older_one(phone: Phone) -> None:
    phone.now += timedelta(minutes=10)
    assert phone.take(phone.code())
    assert not phone.take(phone.code()), "replayed"
    assert not phone.take(phone.code(-1)), "older than the one taken"
    assert phone.take(phone.code(1))


def test_the_code_that_turned_it_on_opens_nothing_again(register: Register, now: datetime) -> None:
    lan = add(register, now)
    secret, codes = set_up(register, lan, now)
    phone = Phone(register, lan, secret, codes, now)
    assert not phone.take(phone.code())


@pytest.mark.parametrize(
    ("change", "taken", "why"),
    [
        (lambda code: f" {code[:3]} {code[3:]} ", True, "as the app shows it"),
        (lambda code: code[:5], False, "a digit too few"),
        (lambda code: code + "0", False, "one too many"),
        (lambda code: code.translate(str.maketrans("0123456789", "０１２３４５６７８９")), False, "other digits"),
        (lambda _code: "", False, "nothing"),
        (lambda _code: "\ud800", False, "half a character"),
    ],
)
def test_how_a_code_is_typed(phone: Phone, change: object, taken: bool, why: str) -> None:
    assert callable(change)
    assert phone.take(change(phone.code())) is taken, why


# recovery codes


def test_ten_recovery_codes_each_used_once_and_stored_as_hashes(phone: Phone) -> None:
    assert len(set(phone.recovery)) == 10
    assert phone.take(phone.recovery[0].upper().replace("-", " "))
    assert not phone.take(phone.recovery[0])
    with phone.register.read() as session:
        assert second_factor.recovery_codes_left(session, phone.person.id) == 9
        kept = [row.code_hash for row in session.scalars(select(RecoveryCode))]
        told = " ".join(session.scalars(select(Event.payload)))
    for code in phone.recovery:
        assert all(code.encode() not in one and code.replace("-", "").encode() not in one for one in kept)
        assert code not in told
    assert phone.secret not in told
    assert kinds(phone.register, phone.person)[-1] == "recovery_code_used"


def test_the_recovery_codes_of_somebody_else_are_worth_nothing(phone: Phone) -> None:
    with phone.register.write() as session:
        bao = accounts.add(session, Account("bao", "Bảo", "agent"), GOOD, Act(None, phone.now))
    _secret, codes = set_up(phone.register, bao, phone.now)
    assert not phone.take(codes[0])


def test_new_recovery_codes_replace_the_older(phone: Phone) -> None:
    codes = entry.renew_recovery_codes(phone.register, phone.person, GOOD, phone.code(), now=phone.now)
    assert not phone.take(phone.recovery[0])
    assert phone.take(codes[0])
    assert "recovery_codes_renewed" in kinds(phone.register, phone.person)


# setting it up


def test_an_offer_stays_the_same_for_an_hour_and_binds_nothing(register: Register, now: datetime) -> None:
    lan = add(register, now)
    with register.write() as session:
        first = second_factor.offer(session, lan.id, now=now)
        assert second_factor.offer(session, lan.id, now=now + timedelta(minutes=59)) == first
        assert second_factor.offer(session, lan.id, now=now + timedelta(minutes=60)) != first
        assert not second_factor.is_on(session, lan.id)
    assert awaits(register, sign_ins.sign_in(register, "lan", GOOD, now=now), now) is None
    with pytest.raises(Invalid), register.write() as session:
        second_factor.turn_on(session, lan.id, "000000", Act(lan, now))


def test_what_is_on_is_not_offered_again(phone: Phone) -> None:
    with pytest.raises(Invalid), phone.register.write() as session:
        second_factor.offer(session, phone.person.id, now=phone.now)


def test_the_app_is_told_who_and_where() -> None:
    address = second_factor.address_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "lan.anh@pops.vn")
    assert (
        address
        == "otpauth://totp/POPS%20CSKH:lan.anh%40pops.vn?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=POPS%20CSKH"
    )


# signing in


def test_the_password_alone_opens_nothing_and_the_code_opens_the_session(phone: Phone) -> None:
    token, step = phone.sign_in()
    assert step == "code"
    whole = entry.enter_code(phone.register, token, phone.code(), now=phone.now)
    assert whole != token, "the token that was there before the code is worth nothing after it"
    assert awaits(phone.register, whole, phone.now) is None
    with phone.register.read() as session:
        assert sign_ins.awaited(session, token, now=phone.now) is None
        assert [one.is_this for one in sign_ins.open_sessions(session, phone.person.id, whole, now=phone.now)] == [True]
    assert kinds(phone.register, phone.person)[-1] == "signed_in"


def test_a_recovery_code_stands_in_for_the_app(phone: Phone) -> None:
    token, _step = phone.sign_in()
    assert (
        awaits(phone.register, entry.enter_code(phone.register, token, phone.recovery[3], now=phone.now), phone.now)
        is None
    )


def test_wrong_codes_cost_time_up_to_a_quarter_of_an_hour_whatever_session_they_come_from(phone: Phone) -> None:
    for wait in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        token, _step = phone.sign_in()
        with pytest.raises(Invalid, match="not right"):
            entry.enter_code(phone.register, token, "000000", now=phone.now)
        token, _step = phone.sign_in()
        with pytest.raises(Invalid, match=f"wait {wait} seconds"):
            entry.enter_code(phone.register, token, phone.code(), now=phone.now)
        phone.now += timedelta(seconds=wait)
    token, _step = phone.sign_in()
    assert entry.enter_code(phone.register, token, phone.code(), now=phone.now)


def test_no_typed_login_name_counts_on_the_codes_of_a_person_or_on_an_address(phone: Phone) -> None:
    here = "203.0.113.7"
    for _try in range(attempts.OF_ADDRESS.tries):
        attempts.take(phone.register, here, now=phone.now)
    for kind, what in (("code", str(phone.person.id)), ("address", here)):
        for between in (" of ", " ", "\0", ":"):
            with pytest.raises(Invalid, match="name or the password"):  # never "wait": nobody tried that name before
                sign_ins.sign_in(phone.register, f"{kind}{between}{what}", "wrong", now=phone.now)
    assert attempts.take(phone.register, here, now=phone.now) == attempts.OF_ADDRESS.pause.total_seconds()
    token, _step = phone.sign_in()
    assert entry.enter_code(phone.register, token, phone.code(), now=phone.now), "not one try of the code was used up"


def test_a_half_session_ends_after_a_quarter_of_an_hour_and_takes_its_own_step_only(phone: Phone) -> None:
    token, _step = phone.sign_in()
    for enter in (entry.enter_new_password, entry.enter_second_factor):
        with pytest.raises(NotAllowed):
            enter(phone.register, token, OTHER, now=phone.now)
    phone.now += timedelta(minutes=15)
    with pytest.raises(NotAllowed):
        entry.enter_code(phone.register, token, phone.code(), now=phone.now)


def test_giving_up_ends_the_half_session_and_no_whole_one(phone: Phone) -> None:
    token, _step = phone.sign_in()
    whole = entry.enter_code(phone.register, phone.sign_in()[0], phone.code(), now=phone.now)
    with phone.register.write() as session:
        sign_ins.give_up(session, token, now=phone.now)
        sign_ins.give_up(session, whole, now=phone.now)
        sign_ins.give_up(session, "forged", now=phone.now)
        assert sign_ins.awaited(session, token, now=phone.now) is None
        assert sign_ins.who(session, whole, now=phone.now) is not None


# a password that somebody else knows


def test_a_password_for_now_is_changed_before_anything_opens(register: Register, now: datetime) -> None:
    lan = add(register, now, for_now=True)
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    assert awaits(register, token, now) == "password"
    with pytest.raises(Invalid) as refused:
        entry.enter_new_password(register, token, GOOD, now=now)
    assert set(refused.value.fields) == {"password"}
    with pytest.raises(Invalid):
        entry.enter_new_password(register, token, "12345678901", now=now)
    whole = entry.enter_new_password(register, token, OTHER, now=now)
    assert awaits(register, whole, now) is None
    assert awaits(register, sign_ins.sign_in(register, "lan", OTHER, now=now), now) is None, "asked once"
    assert kinds(register, lan) == ["added", "password_changed", "signed_in", "signed_in"]


def test_code_then_password_then_session(phone: Phone) -> None:
    with phone.register.write() as session:
        accounts.change_password(session, phone.person.id, GOOD, Act(None, phone.now), for_now=True)
    token, step = phone.sign_in()
    assert step == "code"
    token = entry.enter_code(phone.register, token, phone.code(), now=phone.now)
    assert awaits(phone.register, token, phone.now) == "password"
    token = entry.enter_new_password(phone.register, token, OTHER, now=phone.now)
    assert awaits(phone.register, token, phone.now) is None


# demanded by an administrator


def demand(register: Register, by: Person | None, now: datetime, *of: str) -> None:
    with register.write() as session:
        second_factor.demand(session, of, Act(by, now))


def test_a_role_that_demands_it_sets_it_up_before_anything_opens(register: Register, now: datetime) -> None:
    lan = add(register, now, role="lead")
    before = sign_ins.sign_in(register, "lan", GOOD, now=now)
    demand(register, None, now, "admin", "lead")
    assert awaits(register, before, now) is None, "whoever is in stays until the next sign-in"
    token = sign_ins.sign_in(register, "lan", GOOD, now=now)
    assert awaits(register, token, now) == "second_factor"
    with register.write() as session:
        secret = second_factor.offer(session, lan.id, now=now)
    with pytest.raises(Invalid):
        entry.enter_second_factor(register, token, "000000", now=now)
    whole, codes = entry.enter_second_factor(register, token, pyotp.TOTP(secret).at(now), now=now)
    assert len(codes) == 10
    assert awaits(register, whole, now) is None


def test_what_is_demanded_is_the_newest_decision_in_the_log(register: Register, cast: Cast, now: datetime) -> None:
    def demanded() -> tuple[str, ...]:
        with register.read() as session:
            return second_factor.demanding_roles(session)

    assert demanded() == ()
    demand(register, cast.admin, now, "lead", "agent")
    demand(register, cast.admin, now, "agent", "lead")
    assert demanded() == ("agent", "lead")
    demand(register, cast.admin, now)
    assert demanded() == ()
    with register.read() as session:
        events = session.execute(select(Event.actor_id, Event.payload).where(Event.subject == "policy")).all()
    assert [tuple(row) for row in events] == [
        (cast.admin.id, '{"roles":["agent","lead"]}'), (cast.admin.id, '{"roles":[]}'),
    ]  # fmt: skip


def test_only_an_administrator_demands_it_and_only_of_roles(register: Register, cast: Cast, now: datetime) -> None:
    for by in (cast.agent, cast.lead, cast.handler, cast.manager, cast.analyst):
        with pytest.raises(NotAllowed):
            demand(register, by, now, "agent")
    with pytest.raises(Invalid):
        demand(register, cast.admin, now, "boss")


# turning it off


@pytest.mark.parametrize(
    ("password", "code", "field"),
    [("wrong", "right", "old"), (GOOD, "wrong", "code"), ("wrong", "wrong", "old")],
)
def test_turning_it_off_takes_password_and_code(phone: Phone, password: str, code: str, field: str) -> None:
    typed = phone.code() if code == "right" else "000000"
    with pytest.raises(Invalid) as refused:
        entry.turn_off_second_factor(phone.register, phone.person, password, typed, now=phone.now)
    assert set(refused.value.fields) == {field}
    assert phone.sign_in()[1] == "code" if field == "code" else True
    phone.now += timedelta(minutes=1)
    entry.turn_off_second_factor(phone.register, phone.person, GOOD, phone.code(), now=phone.now)
    assert phone.sign_in()[1] is None
    assert not phone.take(phone.recovery[0])
    assert "second_factor_off" in kinds(phone.register, phone.person)


def test_an_administrator_resets_it_for_a_lost_device_and_sessions_end(phone: Phone, cast: Cast) -> None:
    whole = entry.enter_code(phone.register, phone.sign_in()[0], phone.code(), now=phone.now)
    for by in (cast.lead, cast.agent):
        with pytest.raises(NotAllowed), phone.register.write() as session:
            second_factor.reset(session, phone.person.id, Act(by, phone.now))
    with phone.register.write() as session:
        second_factor.reset(session, phone.person.id, Act(cast.admin, phone.now))
        assert sign_ins.who(session, whole, now=phone.now) is None
    assert phone.sign_in()[1] is None
    assert "second_factor_reset" in kinds(phone.register, phone.person)
    with pytest.raises(Invalid), phone.register.write() as session:
        second_factor.reset(session, phone.person.id, Act(cast.admin, phone.now))


# another password of one's own


def test_another_password_keeps_this_session_and_ends_every_other(register: Register, now: datetime) -> None:
    lan = add(register, now)
    here, there = (sign_ins.sign_in(register, "lan", GOOD, now=now) for _ in range(2))
    entry.change_password(register, lan, here, GOOD, OTHER, now=now)
    with register.read() as session:
        assert sign_ins.who(session, here, now=now) is not None
        assert sign_ins.who(session, there, now=now) is None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", OTHER, "old"), (GOOD, GOOD, "password"), (GOOD, "lananh2027", "password")],
)
def test_another_password_takes_the_old_one_and_must_be_another(
    register: Register, now: datetime, old: str, new: str, field: str
) -> None:
    lan = add(register, now)
    here = sign_ins.sign_in(register, "lan", GOOD, now=now)
    with pytest.raises(Invalid) as refused:
        entry.change_password(register, lan, here, old, new, now=now)
    assert set(refused.value.fields) == {field}
    later = now + timedelta(seconds=1)
    assert sign_ins.sign_in(register, "lan", GOOD, now=later)


def test_guessing_the_old_password_costs_time_too(register: Register, now: datetime) -> None:
    lan = add(register, now)
    here = sign_ins.sign_in(register, "lan", GOOD, now=now)
    for says in ("not your present password", "wait 1 seconds"):
        with pytest.raises(Invalid, match=says):
            entry.change_password(register, lan, here, "wrong", OTHER, now=now)
