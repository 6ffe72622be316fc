"""What stands beside the log form: cases of the same customer, and customers who say the same (D24)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.register.case import incidents
from core.register.case.customers import CustomerDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.reads import alike
from core.register.reads.alike import Alike
from tests.conftest import Cast
from tests.register.cases import MON, draft, logged

LAN = CustomerDraft(name="Lan", phone="0912345601")
SAME, OTHER = "Chương 12 bị khóa dù đã mua gói đọc", "Không đăng nhập được bằng Google từ sáng nay"
DAY = timedelta(days=1)


def near(
    register: Register,
    cast: Cast,
    *,
    statement: str = SAME,
    category: str = "locked_chapter",
    customer: CustomerDraft = LAN,
    who: str = "agent",
    at: datetime = MON,
) -> Alike:
    """What is found for a complaint of Lan's."""
    typed = draft(statement=statement, category=category, customer=customer, recorded_at=at)
    with register.read() as session:
        return alike.find(session, typed, by=getattr(cast, who), now=max(at, MON))


DUPLICATES = [
    # how long before, category, statement, of Lan, is a duplicate, why
    (timedelta(hours=2), "locked_chapter", OTHER, True, True, "same customer and category"),
    (7 * DAY, "locked_chapter", OTHER, True, True, "the seventh day belongs to it"),
    (7 * DAY + timedelta(seconds=1), "locked_chapter", OTHER, True, False, "longer ago"),
    (timedelta(hours=2), "login", OTHER, True, False, "another category, other words"),
    (timedelta(hours=2), "login", f"Chào shop. {SAME}", True, True, "the same words, classified otherwise"),
    (timedelta(hours=2), "locked_chapter", SAME, False, False, "somebody else's"),
]


@pytest.mark.parametrize(("before", "category", "statement", "is_lans", "wanted", "why"), DUPLICATES)
def test_what_is_a_duplicate(
    before: timedelta,
    category: str,
    statement: str,
    is_lans: bool,
    wanted: bool,
    why: str,
    sqlite_register: Register,
    sqlite_cast: Cast,
) -> None:
    customer = LAN if is_lans else CustomerDraft(phone="0912345699")
    one = logged(
        sqlite_register,
        sqlite_cast,
        customer=customer,
        statement=statement,
        category=category,
        recorded_at=MON - before,
    )
    found = near(sqlite_register, sqlite_cast)
    assert [other.code for other in found.duplicates] == ([one.code] if wanted else []), why


def say(register: Register, cast: Cast, phones: str, at: datetime = MON, statement: str = SAME) -> list[str]:
    """A complaint of each of these customers (- for none), and their codes."""
    return [
        logged(
            register,
            cast,
            statement=f"{statement} {n}",
            category="locked_chapter",
            customer=CustomerDraft() if phone == "-" else CustomerDraft(phone=f"09123456{phone}"),
            recorded_at=at,
        ).code
        for n, phone in enumerate(phones.split())
    ]


PROPOSED = [
    # who said the same, how long before, customers with Lan, is an incident proposed, why
    ("10 11", timedelta(), 3, True, "three within a day"),
    ("10", timedelta(), 2, False, "two are not three"),
    ("10 10 10", timedelta(), 2, False, "one customer who writes three times"),
    ("01 01", timedelta(), 1, False, "Lan herself"),
    ("- -", timedelta(), 3, True, "without a contact each is one more"),
    ("10 11", timedelta(hours=24), 3, True, "the 24th hour belongs to it"),
    ("10 11", timedelta(hours=24, seconds=1), 1, False, "longer ago"),
]


@pytest.mark.parametrize(("phones", "before", "customers", "wanted", "why"), PROPOSED)
def test_when_an_incident_is_proposed(
    phones: str, before: timedelta, customers: int, wanted: bool, why: str, register: Register, cast: Cast
) -> None:
    codes = say(register, cast, phones, MON - before)
    found = near(register, cast)
    assert (found.customers, found.proposes_incident) == (customers, wanted), why
    if wanted:
        assert sorted(code for code, _version in found.others) == codes
    assert not near(register, cast, statement=OTHER).proposes_incident, "who says something else is asked nothing"


def test_the_incident_they_belong_to_is_offered(register: Register, cast: Cast) -> None:
    codes = say(register, cast, "10 11 12")
    with register.write() as session:
        code, _result = incidents.begin(session, dict.fromkeys(codes[:2]), "Chương 12", Act(cast.agent, MON))
    assert code
    found = near(register, cast)
    assert found.incident
    assert (found.incident.code, found.incident.title, found.proposes_incident) == (code, "Chương 12", False)
    with register.write() as session:
        incidents.end(session, code, Act(cast.agent, MON))
    found = near(register, cast)
    assert (found.incident, [one for one, _version in found.others]) == (None, [codes[2]]), "it has ended"


def test_nobody_is_told_of_what_they_do_not_see(sqlite_register: Register, sqlite_cast: Cast) -> None:
    say(sqlite_register, sqlite_cast, "01 10 11")
    found = near(sqlite_register, sqlite_cast, who="reporter")
    assert (found.duplicates, found.others, found.customers) == ((), (), 1)
