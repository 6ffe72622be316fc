"""Who is away and who stands in (D23), drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from core.rules import absences


@dataclass
class Somebody:
    """An account, away between two days of November 2026 where they are given."""

    id: int
    role: str = "agent"
    department: str | None = None
    active: bool = True
    absent_from: date | None = None
    absent_until: date | None = None
    deputy_id: int | None = None
    branch: str | None = None


def day(n: int) -> date:
    return date(2026, 11, n)


def away(id: int, deputy: int, first: int = 16, last: int = 20) -> Somebody:
    return Somebody(id, absent_from=day(first), absent_until=day(last), deputy_id=deputy)


# who there is, who stands in for 1 on the 18th, why
STANDS_IN = [
    ([away(1, 2), Somebody(2)], 2, "the deputy"),
    ([Somebody(1), Somebody(2)], None, "nobody is away"),
    ([away(1, 2, 19), Somebody(2)], None, "away from tomorrow on"),
    ([away(1, 2, 10, 17), Somebody(2)], None, "back since today, by the day alone"),
    ([away(1, 2, 18, 18), Somebody(2)], 2, "both ends belong to it"),
    ([away(1, 2), away(2, 3), Somebody(3)], 3, "the deputy is away too: the chain is followed"),
    ([away(1, 2), away(2, 3, 19), Somebody(3)], 2, "the deputy is away from tomorrow on"),
    ([away(1, 2), away(2, 3), away(3, 4), Somebody(4)], None, "once, and no further"),
    ([away(1, 2), away(2, 1)], None, "nobody stands in for themself"),
    ([away(1, 2), Somebody(2, active=False)], None, "the account was closed since"),
    ([away(1, 2), Somebody(2, role="analyst")], None, "became somebody who does other work"),
    ([away(1, 2)], None, "a colleague nobody knows"),
]


@pytest.mark.parametrize(("people", "wanted", "why"), STANDS_IN)
def test_who_stands_in(people: list[Somebody], wanted: int | None, why: str) -> None:
    everybody = {one.id: one for one in people}
    found = absences.deputy_of(people[0], everybody, day(18))
    assert (found.id if found else None) == wanted, why


PAYMENT, ENGINEERING = ("handler", "payment"), ("handler", "engineering")
# the deputy, whom for, can they, why
CAN = [
    (("agent", None), ("lead", None), True, "customer care for each other"),
    (("lead", None), ("agent", None), True, "also the other way round; no right goes with it"),
    (PAYMENT, PAYMENT, True, "within a department"),
    (ENGINEERING, PAYMENT, False, "another department sees none of it"),
    (("manager", None), ("manager", None), True, "within the board"),
    (("lead", None), ("manager", None), False, "a lead gives no direction of the board"),
    (("agent", None), PAYMENT, False, "customer care is asked by nobody"),
    (("analyst", None), ("agent", None), False, "holds no cases"),
]


@pytest.mark.parametrize(("deputy", "person", "can", "why"), CAN)
def test_who_can_stand_in(deputy: tuple[str, str | None], person: tuple[str, str | None], can: bool, why: str) -> None:
    assert absences.can_stand_in(Somebody(2, *deputy), Somebody(1, *person)) is can, why


@pytest.mark.parametrize(
    ("deputy", "person", "can", "why"),
    [
        (None, "hanoi", True, "who belongs to no branch sees the cases of all"),
        ("hanoi", "hanoi", True, "within the branch"),
        ("danang", "hanoi", False, "another branch sees none of the cases"),
        ("hanoi", None, False, "a branch sees its own cases alone"),
    ],
)
def test_whom_a_branch_stands_in_for(deputy: str | None, person: str | None, can: bool, why: str) -> None:
    assert absences.can_stand_in(Somebody(2, branch=deputy), Somebody(1, branch=person)) is can, why


def test_nobody_stands_in_for_themself_or_with_a_closed_account() -> None:
    assert not absences.can_stand_in(Somebody(1), Somebody(1))
    assert not absences.can_stand_in(Somebody(2, active=False), Somebody(1))


# absences of the others, 1 is to be away from the 16th to the 20th with deputy 2, a circle, why
CIRCLES = [
    ([Somebody(2)], False, "the deputy is there"),
    ([away(2, 1)], True, "each for the other"),
    ([away(2, 1, 21, 25)], False, "not at the same time"),
    ([away(2, 1, 20, 25)], True, "on one day"),
    ([away(2, 3), away(3, 1)], True, "by way of a third"),
    ([away(2, 3), away(3, 2)], False, "a circle of others is not theirs to mend"),
]


@pytest.mark.parametrize(("others", "is_circle", "why"), CIRCLES)
def test_circles(others: list[Somebody], is_circle: bool, why: str) -> None:
    everybody = {one.id: one for one in others}
    assert absences.is_circle(Somebody(1), day(16), day(20), others[0], everybody) is is_circle, why
