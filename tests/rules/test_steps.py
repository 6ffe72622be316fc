"""The states and steps of a complaint, drawn again by hand."""

from __future__ import annotations

import pytest

from core.errors import NotAllowed
from core.rules.steps import STEPS, State, ranked, steps_from

# Where each step leads from each state; a dot means the procedure does not go that way.
STATES = (
    "received",
    "acknowledged",
    "classified",
    "investigating",
    "waiting_customer",
    "resolved",
    "closed",
    "withdrawn",
)
DRAWN = """
acknowledge    acknowledged .            .             .             .                .        .             .
classify       .            classified   classified    investigating waiting_customer .        .             .
assign         received     acknowledged classified    investigating waiting_customer resolved .             .
forward        .            .            investigating investigating .                .        .             .
answer         .            .            .             investigating waiting_customer .        .             .
ask_customer   .            .            waiting_customer waiting_customer .          .        .             .
record_reply   .            .            .             .             investigating    .        .             .
notify_result  .            .            resolved      resolved      resolved         .        .             .
close          .            .            .             .             .                closed   .             .
withdraw       withdrawn    withdrawn    withdrawn     withdrawn     withdrawn        withdrawn .            .
reopen         .            .            .             .             .                .        investigating .
note           received     acknowledged classified    investigating waiting_customer resolved closed        withdrawn
add_evidence   received     acknowledged classified    investigating waiting_customer resolved closed        withdrawn
"""
TABLE = {line.split()[0]: dict(zip(STATES, line.split()[1:], strict=True)) for line in DRAWN.strip().splitlines()}
SQUARES = [(step, state, to) for step, row in TABLE.items() for state, to in row.items()]


def test_the_table_has_every_step_and_every_state() -> None:
    assert set(TABLE) == set(STEPS)
    assert set(STATES) == {state.value for state in State}


@pytest.mark.parametrize(("step", "state", "to"), SQUARES)
def test_each_step_leads_where_the_drawing_says(step: str, state: str, to: str) -> None:
    if to == ".":
        with pytest.raises(NotAllowed):
            STEPS[step].leads_to(State(state))
    else:
        assert STEPS[step].leads_to(State(state)) == to


@pytest.mark.parametrize("state", STATES)
def test_the_steps_offered_are_the_ones_that_lead_somewhere(state: str) -> None:
    assert set(steps_from(State(state))) == {step for step, row in TABLE.items() if row[state] != "."}


# Which step is offered first, drawn by hand per state.
FIRST = [
    # state, kind, a department owes an answer, first offered, why
    ("received", None, False, "acknowledge", "the first promise is running"),
    ("acknowledged", None, False, "classify", "POPS step 3"),
    ("classified", "complaint", False, "forward", "POPS step 4"),
    ("classified", "inquiry", False, "notify_result", "answered from published information (POPS step 3A)"),
    ("investigating", "complaint", True, "answer", "the answer that is waited for"),
    ("investigating", "complaint", False, "notify_result", "the answer is there"),
    ("waiting_customer", "complaint", False, "record_reply", "the customer was asked"),
    ("waiting_customer", "complaint", True, "answer", "both are waited for: the department answers for itself"),
    ("resolved", "complaint", False, "close", "POPS step 7"),
    ("closed", "complaint", False, "note", "re-opening is rare"),
    ("withdrawn", None, False, "note", "nothing else is possible"),
]


@pytest.mark.parametrize(("state", "kind", "waiting", "first", "why"), FIRST)
def test_the_likeliest_step_comes_first_and_none_is_lost(
    state: str, kind: str | None, waiting: bool, first: str, why: str
) -> None:
    possible = tuple(step for step in steps_from(State(state)) if step != "answer" or waiting)
    offered = ranked(possible, State(state), kind, department_owes=waiting)
    assert offered[0] == first, why
    assert sorted(offered) == sorted(possible), "each possible step once, nothing else"


def test_taking_back_is_offered_last() -> None:
    assert ranked(steps_from(State.received), State.received, None, department_owes=False)[-1] == "withdraw"
