"""The share of answers that departments gave in time (D11, D19), and who counts what a department was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.insight import backlog, compliance, departments, filters, rows
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.papers import rows as papers
from tests.insight.given import NOVEMBER, NOW, WEEK_46, WEEK_47, Asked, Case, Clock, register

SUNDAY = "2026-11-15"
# due, how it ended and when, the period, the count it is in (None: in none of that period), why
COUNTED = [
    ("2026-11-10 17:30", "answered", "2026-11-10 17:30", WEEK_46, "met", "in the due second"),
    ("2026-11-10 17:30", "answered", "2026-11-11 09:00", WEEK_46, "missed", "answered late"),
    ("2026-11-10 17:30", None, None, WEEK_46, "overdue", "not answered yet"),
    ("2026-11-10 17:30", "recalled", "2026-11-10 09:00", WEEK_46, "cancelled", "taken back in time"),
    ("2026-11-10 17:30", "recalled", "2026-11-12 09:00", WEEK_46, "missed", "taken back once it was late"),
    ("2026-11-10 17:30", "returned", "2026-11-10 09:00", WEEK_46, "cancelled", "not theirs"),
    ("2026-11-10 17:30", "returned", "2026-11-12 09:00", WEEK_46, "missed", "returned once it was late"),
    ("2026-11-10 17:30", "released", "2026-11-10 09:00", WEEK_46, "cancelled", "the result did without it"),
    ("2026-11-10 17:30", "released", "2026-11-12 09:00", WEEK_46, "missed", "the result did without it, late"),
    (f"{SUNDAY} 23:59", None, None, WEEK_47, None, "the week before"),
    ("2026-11-16 00:00", None, None, WEEK_46, "overdue", "what ends at 24:00 belongs to the day that it ends"),
    ("2026-11-20 17:30", None, None, WEEK_47, "running", "not yet due"),
    ("2026-11-20 17:30", "answered", "2026-11-17 09:00", WEEK_47, "running", "answered before the due came"),
]  # fmt: skip


@pytest.mark.parametrize(("due", "ended", "at", "week", "wanted", "why"), COUNTED, ids=[row[-1] for row in COUNTED])
def test_where_an_answer_counts(
    due: str, ended: str | None, at: str | None, week: Filter, wanted: str | None, why: str
) -> None:
    facts = register([Case(department="payment").asking(Asked("payment", due, ended, at))])
    found = departments.kept(facts, week, NOW)
    names = [name for name in ("met", "missed", "overdue", "running", "cancelled") if found[name].sum()]
    assert names == ([wanted] if wanted else []), why


def several() -> Facts:
    """Two complaints asked of two departments, one of which has a promise that was missed."""
    late, kept = "2026-11-11 09:00", "2026-11-10 09:00"
    both = Asked("payment", "2026-11-10 17:30", "answered", kept), Asked("legal", "2026-11-10 17:30", "answered", late)
    other = Asked("payment", "2026-11-12 17:30"), Asked("content", "2026-11-12 17:30", "returned", "2026-11-11 09:00")
    return register(
        [
            Case(Clock("2026-11-10 17:30", late), department="legal", state="investigating").asking(*both),
            Case(department="payment", category="login", state="investigating", waiting_department=1).asking(*other),
        ]
    )


def test_each_department_has_a_share_of_its_own() -> None:
    found = departments.kept(several(), WEEK_46, NOW).set_index("key")
    assert found["share"].drop("content").to_dict() == {"legal": 0.0, "payment": 0.5}
    assert found.loc["content", ["due", "cancelled"]].tolist() == [0, 1]
    narrowed = departments.kept(several(), WEEK_46.only("department", "payment").only("category", "login"), NOW)
    assert narrowed[["key", "due", "overdue"]].to_numpy().tolist() == [["payment", 1, 1]]


def test_no_promise_to_a_customer_is_mixed_with_them() -> None:
    found = compliance.of(several(), WEEK_46, NOW, "resolve")
    assert (found["due"], found["missed"]) == (1, 1)


def test_its_rows_are_the_requests_that_were_counted() -> None:
    slice = Slice(WEEK_46, "asked", verdict=("met", "missed", "overdue")).only("department", "payment")
    assert rows.count(several(), slice, NOW) == 2
    assert rows.complaint_ids(several(), slice, NOW).to_list() == [2, 1]
    keys = papers.Selection(several(), slice, NOW).keys
    assert keys["department"].to_list() == ["payment", "payment"], "the department that was asked"
    assert keys["verdict"].to_list() == ["overdue", "met"]


# whose people look, the complaints they count, those that wait for them, why
SEEN = [
    (None, [1, 2], 1, "everybody: what waits for any department"),
    (("payment",), [1, 2], 1, "asked both, and owes one answer"),
    (("legal",), [1], 0, "answered, and sees what came of it"),
    (("content",), [], 0, "said that it is not theirs"),
    (("content", "legal"), [1], 0, "one was merged into the other"),
    (("",), [], 0, "no department at all"),
    (("pay",), [], 0, "a name within another"),
]


@pytest.mark.parametrize(("own", "ids", "waiting", "why"), SEEN, ids=[row[-1] for row in SEEN])
def test_what_a_department_counts(own: tuple[str, ...] | None, ids: list[int], waiting: int, why: str) -> None:
    facts, chosen = several(), replace(NOVEMBER, departments=own)
    assert sorted(filters.complaints(facts, chosen).collect()["id"].to_list()) == ids, why
    assert set(filters.cycles(facts, chosen).collect()["complaint_id"]) == {1}.intersection(ids)
    assert backlog.segments(facts, chosen, NOW)["waiting_department"] == waiting
