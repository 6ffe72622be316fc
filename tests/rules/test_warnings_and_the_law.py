"""What is read from terms at their edges: near deadlines, promises longer than the law, admission, the preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core import shipped
from core.rules import terms
from core.rules.clocks import Cycle
from core.rules.procedure import Admissible, AfterHours, Unit
from tests.rules.given import at, days_off, happened, pops, runs, with_term

LAW = [
    # fields of the POPS term `resolve`, named as longer than the law, why
    ({"amount": 6}, False, "six working days are shorter"),
    ({"amount": 7}, False, "seven working days are what the law allows (art. 57(2))"),
    ({"amount": 8}, True, "eight are one day longer"),
    ({"amount": 8, "unit": Unit.HOUR}, False, "eight hours are no eight working days"),
    ({"amount": 8, "unit": Unit.WORKING_MINUTE}, False, "eight minutes are no eight working days"),
    ({"amount": 8, "stage": "prevent"}, False, "a preventive action is no answer to the customer"),
    ({"amount": 8, "stage": "acknowledge"}, False, "an acknowledgement is no answer to the customer"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "longer", "why"), LAW, ids=[row[-1] for row in LAW])
def test_a_procedure_promises_less_than_the_law_from_eight_working_days(
    fields: Mapping[str, Any], longer: bool, why: str
) -> None:
    found = [term.key for term in terms.promises_less_than_law(with_term("resolve", **fields))]
    assert found == (["resolve"] if longer else []), why


# ruff: disable[E501]
NEAR = [
    # fields of the POPS term `acknowledge`, received, near from, why
    ({}, "2026-10-05 08:30", "2026-10-06 13:00", "three quarters of eighteen open hours"),
    ({"warn_at": 0.5}, "2026-10-05 08:30", "2026-10-05 17:30", "half of them: the end of Monday, nine hours in"),
    ({"warn_at": 1.0}, "2026-10-05 08:30", "2026-10-06 17:30", "all of them: the due instant, never after it"),
    ({"warn_at": 0.0}, "2026-10-05 10:00", "2026-10-05 10:00", "none of them: at once"),
    ({"unit": Unit.WORKING_MINUTE, "amount": 600}, "2026-10-05 16:30", "2026-10-06 15:00", "three quarters of ten open hours, the night left out"),
    ({"unit": Unit.HOUR, "amount": 24}, "2026-10-05 16:00", "2026-10-06 10:00", "three quarters of a day of the clock"),
    ({"unit": Unit.CALENDAR_DAY, "amount": 3, "after_hours": AfterHours.SAME_DAY}, "2026-10-05 00:00", "2026-10-08 00:00", "three quarters of the four days to the end of Thursday, on the clock"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("fields", "received", "near", "why"), NEAR, ids=[row[-1] for row in NEAR])
def test_a_deadline_is_near_after_its_share_of_what_the_unit_counts(
    fields: Mapping[str, Any], received: str, near: str, why: str
) -> None:
    procedure = with_term("acknowledge", **fields)
    (cycle,) = runs(procedure, "acknowledge", happened(f"received {received}"))
    assert terms.warns_at(cycle, procedure, days_off(procedure)) == at(near), why


def test_a_deadline_given_by_hand_at_close_of_office_warns_no_later_than_it_falls_due() -> None:
    """The last open second of a day is followed by the next opening: the warning may not come after the due instant."""
    cycle = Cycle("acknowledge", 1, at("2026-10-05 17:30"), at("2026-10-05 18:00"))
    assert terms.warns_at(cycle, pops(), days_off(pops())) == at("2026-10-05 18:00")


ADMITTED = [
    # unit, days for all products, incident, the product's own, last day, why
    (Unit.WORKING_DAY, 7, "2026-10-01", None, "2026-10-12", "seven working days after Thursday"),
    (Unit.WORKING_DAY, 7, "2026-10-01", 1, "2026-10-02", "the product has a day of its own"),
    (Unit.CALENDAR_DAY, 7, "2026-10-01", 30, "2026-11-02", "its own in the unit of the procedure: 31/10 is a Saturday"),
    (Unit.CALENDAR_DAY, 7, "2026-10-01", None, "2026-10-08", "seven calendar days"),
    (Unit.CALENDAR_DAY, 2, "2026-10-01", None, "2026-10-05", "a last day off moves to Monday"),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "amount", "incident", "own", "until", "why"), ADMITTED)
def test_the_last_day_on_which_a_complaint_is_taken(
    unit: Unit, amount: int, incident: str, own: int | None, until: str, why: str
) -> None:
    procedure = pops(admissible=Admissible(amount, unit, "", "", ""))
    found = terms.admissible_until(procedure, days_off(procedure), date.fromisoformat(incident), own)
    assert found == date.fromisoformat(until), why


# ruff: disable[E501]
PREVIEWS = [
    # procedure, recorded, (term, due, at the latest), why
    ("pops", "2026-10-01 10:00", (("acknowledge", "2026-10-02 17:30", "2026-10-02 17:30"), ("resolve", None, "2026-10-09 17:30")), "acknowledged a second before Friday's closing: Friday is the uncounted day"),
    ("misa", "2026-10-01 23:30", (("acknowledge", "2026-10-02 00:30", "2026-10-02 00:30"), ("reply", None, "2026-10-03 00:30")), "hours of the clock: the answer counts from the last moment itself"),
    ("vhv", "2026-10-01 10:00", (("reply", "2026-10-16 00:00", "2026-10-16 00:00"),), "one term, known at once"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("key", "recorded", "wanted", "why"), PREVIEWS, ids=[row[-1] for row in PREVIEWS])
def test_what_is_promised_before_anything_happened(
    key: str, recorded: str, wanted: tuple[tuple[str, str | None, str], ...], why: str
) -> None:
    procedure = shipped.procedure(key)
    found = terms.preview(procedure, days_off(procedure), at(recorded))[: len(wanted)]
    expected = [(term, due and at(due), at(latest)) for term, due, latest in wanted]
    assert [(one.term, one.due_at, one.latest_at) for one in found] == expected, why
    assert all(one.because for one in found), "each promise gives its reason"
    assert [(one.label, one.label_en) for one in found] == [
        (term.label, term.label_en) for term in procedure.terms[: len(wanted)]
    ]


DAYS = {"unit": Unit.CALENDAR_DAY, "after_hours": AfterHours.SAME_DAY}
EVENING, NOON = {"unit": Unit.HOUR, "amount": 10}, {"unit": Unit.HOUR, "amount": 3}
SAME_DAY, NEXT_OPEN = {"after_hours": AfterHours.SAME_DAY}, {"after_hours": AfterHours.NEXT_OPEN}
IN_HOURS = {"unit": Unit.HOUR, "after_hours": AfterHours.SAME_DAY}
IN_MINUTES = {"unit": Unit.WORKING_MINUTE, "after_hours": AfterHours.NEXT_OPEN}
# ruff: disable[E501]
LAST_MOMENT = [
    # fields of `acknowledge`, fields of `resolve` (one unit long), recorded, acknowledged by, told at the latest, why
    (DAYS, SAME_DAY, "2026-10-05 10:00", "2026-10-07 00:00", "2026-10-07 17:30", "done a second before midnight the step counts on Tuesday"),
    (DAYS, NEXT_OPEN, "2026-10-05 10:00", "2026-10-07 00:00", "2026-10-08 17:30", "at midnight the office is closed: deemed Wednesday"),
    (EVENING, SAME_DAY, "2026-10-01 10:00", "2026-10-01 20:00", "2026-10-02 17:30", "in the evening the day of arrival is Thursday"),
    (EVENING, NEXT_OPEN, "2026-10-01 10:00", "2026-10-01 20:00", "2026-10-05 17:30", "after hours is deemed Friday"),
    ({}, NEXT_OPEN, "2026-10-01 10:00", "2026-10-02 17:30", "2026-10-05 17:30", "a second before closing still counts on Friday"),
    (NOON, NEXT_OPEN, "2026-10-01 10:00", "2026-10-01 13:00", "2026-10-02 17:30", "at noon the office is open"),
    (NOON, IN_MINUTES, "2026-10-01 10:00", "2026-10-01 13:00", "2026-10-01 13:01", "in open hours the last moment is the due instant itself"),
    (EVENING, IN_HOURS, "2026-10-01 10:00", "2026-10-01 20:00", "2026-10-01 21:00", "hours of the clock do not care that the office is closed"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("first", "second", "recorded", "due", "latest", "why"), LAST_MOMENT, ids=[row[-1] for row in LAST_MOMENT]
)
def test_a_step_taken_at_the_last_moment_counts_on_its_day(
    first: Mapping[str, Any], second: Mapping[str, Any], recorded: str, due: str, latest: str, why: str
) -> None:
    acknowledge, resolve = with_term("acknowledge", **first).terms
    procedure = pops(terms=(acknowledge, replace(resolve, amount=1, **second)))
    found = terms.preview(procedure, days_off(procedure), at(recorded))
    assert (found[0].due_at, found[1].latest_at) == (at(due), at(latest)), why


def test_what_already_runs_is_not_reckoned_from_the_step_before_it() -> None:
    """A term from the incident to the receipt, then one from the receipt, which has come: its due instant is known."""
    acknowledge, resolve = pops().terms
    report = replace(acknowledge, key="report", from_event="incident", to_events=("received",), amount=9)
    procedure = pops(terms=(report, acknowledge, resolve))
    found = terms.preview(procedure, days_off(procedure), at("2026-10-01 10:00"), incident_on=date(2026, 10, 1))
    assert found[1].due_at == found[1].latest_at == at("2026-10-02 17:30")


def test_a_term_that_runs_from_the_incident_is_promised_at_once() -> None:
    procedure = with_term("acknowledge", from_event="incident", unit=Unit.HOUR, amount=24)
    acknowledge, resolve = terms.preview(
        procedure, days_off(procedure), at("2026-10-01 10:00"), incident_on=date(2026, 10, 1)
    )
    assert acknowledge.due_at == acknowledge.latest_at == at("2026-10-02 00:00")
    assert resolve.due_at is None


def test_reasons_are_given_in_the_language_asked_for() -> None:
    sentences: dict[str, tuple[str, ...]] = {
        language: terms.preview(pops(), days_off(pops()), at("2026-10-01 10:00"), language=language)[0].because
        for language in ("vi", "en")
    }
    plain = terms.preview(pops(), days_off(pops()), at("2026-10-01 10:00"))[0].because
    assert plain == sentences["vi"] != sentences["en"]
