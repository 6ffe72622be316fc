"""The life of a complaint, drawn again by hand."""

from __future__ import annotations

import pytest

from core.errors import NotAllowed
from core.rules.workflow import MOVES, State, lead_to, verbs_from

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
SQUARES = [(verb, state, to) for verb, row in TABLE.items() for state, to in row.items()]


def test_the_table_has_every_step_and_every_state() -> None:
    assert set(TABLE) == set(MOVES)
    assert set(STATES) == {state.value for state in State}


@pytest.mark.parametrize(("verb", "state", "to"), SQUARES)
def test_each_step_leads_where_the_drawing_says(verb: str, state: str, to: str) -> None:
    if to == ".":
        with pytest.raises(NotAllowed):
            lead_to(verb, State(state))
    else:
        assert lead_to(verb, State(state)) == to


@pytest.mark.parametrize("state", STATES)
def test_the_steps_offered_are_the_ones_that_lead_somewhere(state: str) -> None:
    assert set(verbs_from(State(state))) == {verb for verb, row in TABLE.items() if row[state] != "."}
