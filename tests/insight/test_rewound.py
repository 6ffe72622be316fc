"""Facts as of an earlier moment say what the register said then, as far as they say when something happened."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from core import catalogues, shipped
from core.insight import facts, figures, rewound
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.register.case import complaints
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.calendar import local_day
from tests.conftest import Cast
from tests.insight.given import NOVEMBER, NOW, Asked, Case, Clock, at
from tests.insight.given import register as given
from tests.insight.test_facts import draft

TOLD = ("volume", "resolve_in_time", "acknowledge_in_time", "department_answers", "backlog", "flow", "resolve_hours")
"""Figures of which facts say when everything happened."""


def test_a_moment_is_told_as_it_was(register: Register, cast: Cast, now: datetime) -> None:
    catalogues.use(shipped.catalogues("pops"))
    with register.write() as session:
        first = complaints.log(session, draft(now), Act(cast.agent, now)).code
    seen = [(now, facts.current(register))]
    second = ""
    history: list[tuple[str, StepFields]] = [
        ("acknowledge", {"text": "Đã nhận"}),
        ("classify", {"kind": "complaint", "category": "locked_chapter"}),
        ("details", {"details": {"series": "Conan", "chapter": "12"}}),
        ("forward", {"department": "payment", "text": "Kiểm tra giúp", "due_at": now + timedelta(days=4, hours=30)}),
        ("", {}),
        ("answer", {"text": "Đã hoàn"}),
        ("notify_result", {"text": "Đã báo"}),
        ("close", {"outcome": "upheld", "root_cause": "gateway_fault", "breach_reason": "overload"}),
    ]
    for n, (step, fields) in enumerate(history, start=1):
        moment = now + timedelta(days=n)
        with register.write() as session:
            if step:
                complaints.take(session, first, step, fields, Act(cast.lead, moment))
            else:
                second = complaints.log(session, draft(moment), Act(cast.agent, moment)).code
        seen.append((moment, facts.current(register)))
    assert second
    last = facts.current(register)
    for moment, then in seen:
        found = rewound.to(last, moment)
        assert _states(found) == _states(then), moment
        for name in TOLD:
            period = Filter.of("year", local_day(moment) + timedelta(days=14))
            pd.testing.assert_frame_equal(
                figures.ask(name, found, period, moment),
                figures.ask(name, then, period, moment),
                obj=f"{name} {moment}",
            )


def _states(known: Facts) -> list[tuple[str, object, bool, object]]:
    """Classified and forwarded cases are told by what was done: acknowledged or later."""
    rows = known.complaints.sort("id").iter_rows(named=True)
    worked = ("acknowledged", "classified", "investigating")
    return [
        (
            "investigating" if row["state"] in worked else str(row["state"]),
            row["closed_at"],
            row["waiting_department"],
            row["next_due_at"],
        )
        for row in rows
    ]


def test_what_has_not_changed_since_stays_as_it_is() -> None:
    case = Case(
        Clock("2026-11-10 17:30", "2026-11-10 09:00", hours=3), state="resolved", acknowledged_at=NOW, resolved_at=NOW
    )
    known = given([case])
    assert rewound.to(known, NOW).complaints.equals(known.complaints)
    assert rewound.to(known, NOW).cycles.equals(known.cycles)


@pytest.mark.parametrize(
    ("moment", "expected", "why"),
    [
        ("2026-11-02 08:59", [], "not received yet"),
        ("2026-11-02 09:00", ["received"], "the second of the receipt belongs to it"),
        ("2026-11-03 09:00", ["investigating"], "acknowledged by then"),
        ("2026-11-05 10:00", ["resolved"], "told by then"),
        ("2026-11-06 10:00", ["closed"], "closed by then"),
    ],
)
def test_the_state_follows_from_what_was_done(moment: str, expected: list[str], why: str) -> None:
    when = {"acknowledged_at": "2026-11-03 09:00", "resolved_at": "2026-11-05 10:00", "closed_at": "2026-11-06 10:00"}
    asked = Asked("payment", "2026-11-04 17:30", "answered", "2026-11-04 17:00")
    known = given([Case(recorded="2026-11-02 09:00", outcome="upheld", **when).asking(asked)])
    found = rewound.to(known, at(moment))
    assert found.complaints["state"].to_list() == expected, why
    closed = expected == ["closed"]
    assert [one is not None for one in found.complaints["outcome"]] == [closed] * len(expected), (
        "an outcome with the end"
    )
    assert figures.ask("flow", found, NOVEMBER, at(moment))["ended"].item() == closed


def test_a_receipt_later_in_a_second_is_no_step_of_its_beginning() -> None:
    known = given([Case(recorded=at("2026-11-02 09:00") + timedelta(milliseconds=part)) for part in (0, 500)])
    found = rewound.to(known, at("2026-11-02 09:00"))
    assert found.complaints["id"].to_list() == found.moves["complaint_id"].to_list() == [1]
    assert figures.ask("walked", found, NOVEMBER, NOW)["complaints"].item() == 1
