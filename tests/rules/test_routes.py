"""The way through the workflow for histories that skip steps, drawn by hand."""

from __future__ import annotations

import pytest

from core.rules.routes import STAGES, START, Place, after, route
from core.rules.steps import State

S = State
# ruff: disable[E501]  # a row of a table stays one line
CASES = [
    # from, department owed, stage, steps, why
    (S.received, False, "received", (), "it is there"),
    (S.received, False, "acknowledged", ("acknowledge",), "one step"),
    (S.received, False, "worked", ("acknowledge", "classify"), "working on it presupposes both"),
    (S.received, False, "waiting_customer", ("acknowledge", "classify", "ask_customer"), "no question before classifying"),
    (S.received, False, "waiting_department", ("acknowledge", "classify", "forward"), "no forwarding before classifying"),
    (S.received, False, "resolved", ("acknowledge", "classify", "notify_result"), "settled on the spot"),
    (S.received, False, "closed", ("acknowledge", "classify", "notify_result", "close"), "closed without a word"),
    (S.received, False, "withdrawn", ("withdraw",), "from any open state"),
    (S.classified, False, "worked", (), "classified is being worked on"),
    (S.waiting_customer, False, "worked", ("record_reply",), "the customer answered"),
    (S.waiting_customer, False, "resolved", ("notify_result",), "the reply is not invented"),
    (S.investigating, True, "worked", ("answer",), "the department answered"),
    (S.investigating, True, "waiting_department", (), "still the same wait"),
    (S.investigating, True, "resolved", ("notify_result",), "the answer is not invented"),
    (S.waiting_customer, True, "worked", ("answer", "record_reply"), "both were waited for"),
    (S.resolved, False, "worked", ("close", "reopen"), "work after the result is a re-opening (D6)"),
    (S.closed, False, "resolved", ("reopen", "notify_result"), "a second result needs a second cycle"),
    (S.closed, False, "closed", (), "closed twice is closed"),
    (S.acknowledged, False, "received", None, "nothing leads back to new"),
    (S.withdrawn, False, "worked", None, "what was taken back stays so"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("start", "owed", "stage", "steps", "why"), CASES, ids=[row[-1] for row in CASES])
def test_route(start: State, owed: bool, stage: str, steps: tuple[str, ...] | None, why: str) -> None:
    assert route(Place(start, owed), stage) == steps, why


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_can_be_reached_by_the_steps_it_names(stage: str) -> None:
    place = START
    for step in route(place, stage) or ():
        place = after(place, step)
    assert place in STAGES[stage]
