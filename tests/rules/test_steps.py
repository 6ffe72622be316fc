"""The states and steps of a complaint, drawn again by hand."""

from __future__ import annotations

import re

import pytest

from core.errors import NotAllowed
from core.rules.steps import (
    OTHER_EVENTS,
    STATES,
    STEPS,
    Department,
    Effect,
    Phase,
    State,
    events_of,
    events_with,
    ranked,
    steps_from,
)

# Where each step leads from each state; a dot means the procedure does not go that way.
IN_COLUMNS = (
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
details        received     acknowledged classified    investigating waiting_customer resolved .             .
explain_miss   received     acknowledged classified    investigating waiting_customer resolved closed        withdrawn
"""
TABLE = {line.split()[0]: dict(zip(IN_COLUMNS, line.split()[1:], strict=True)) for line in DRAWN.strip().splitlines()}
SQUARES = [(step, state, to) for step, row in TABLE.items() for state, to in row.items()]


def test_the_table_has_every_step_and_every_state() -> None:
    assert set(TABLE) == set(STEPS)
    assert set(IN_COLUMNS) == {state.value for state in State}


@pytest.mark.parametrize(("step", "state", "to"), SQUARES)
def test_each_step_leads_where_the_drawing_says(step: str, state: str, to: str) -> None:
    if to == ".":
        with pytest.raises(NotAllowed):
            STEPS[step].leads_to(State(state))
    else:
        assert STEPS[step].leads_to(State(state)) == to


@pytest.mark.parametrize("state", IN_COLUMNS)
def test_the_steps_offered_are_the_ones_that_lead_somewhere(state: str) -> None:
    assert set(steps_from(State(state))) == {step for step, row in TABLE.items() if row[state] != "."}


# The order in which steps are offered, drawn by hand per state; `answer` is possible only while a department owes one,
# `explain_miss` only after a miss.
BESIDE = "note add_evidence"
MISS = "explain_miss"
ORDER = [
    # state, kind, a department owes an answer, steps in the order of the screen, why
    ("received", None, False, f"acknowledge assign {BESIDE} details {MISS} withdraw", "the first promise is running"),
    ("acknowledged", None, False, f"classify assign {BESIDE} details {MISS} withdraw", "POPS step 3"),
    (
        "classified",
        "complaint",
        False,
        f"forward notify_result ask_customer classify assign {BESIDE} details {MISS} withdraw",
        "POPS step 4",
    ),
    (
        "classified",
        "inquiry",
        False,
        f"notify_result forward ask_customer classify assign {BESIDE} details {MISS} withdraw",
        "answered from published information (POPS step 3A)",
    ),
    (
        "investigating",
        "complaint",
        True,
        f"answer notify_result forward ask_customer classify assign {BESIDE} details {MISS} withdraw",
        "the answer that is waited for",
    ),
    (
        "investigating",
        "inquiry",
        False,
        f"notify_result forward ask_customer classify assign {BESIDE} details {MISS} withdraw",
        "the answer is there",
    ),
    (
        "waiting_customer",
        "complaint",
        False,
        f"record_reply notify_result classify assign {BESIDE} details {MISS} withdraw",
        "the customer was asked",
    ),
    (
        "waiting_customer",
        "inquiry",
        False,
        f"record_reply notify_result classify assign {BESIDE} details {MISS} withdraw",
        "an inquiry, too, waits for its answer once the customer was asked",
    ),
    (
        "waiting_customer",
        "complaint",
        True,
        f"answer record_reply notify_result classify assign {BESIDE} details {MISS} withdraw",
        "both are waited for: the department answers for itself",
    ),
    (
        "resolved",
        "complaint",
        False,
        f"close assign {BESIDE} details {MISS} withdraw",
        "POPS step 7; taking back is last everywhere",
    ),
    ("closed", "complaint", False, f"{BESIDE} reopen {MISS}", "re-opening is rare"),
    ("withdrawn", None, False, f"{BESIDE} {MISS}", "nothing else is possible"),
]


@pytest.mark.parametrize(("state", "kind", "owes", "order", "why"), ORDER)
def test_the_likeliest_step_comes_first_and_none_is_lost(
    state: str, kind: str | None, owes: bool, order: str, why: str
) -> None:
    possible = tuple(step for step in steps_from(State(state)) if step != "answer" or owes)
    assert ranked(possible, State(state), kind) == tuple(order.split()), why


def test_the_flags_drawn_by_hand() -> None:
    assert {key for key, step in STEPS.items() if step.beside} == {
        "assign", "note", "add_evidence", "details", "explain_miss",
    }  # fmt: skip
    assert {key for key, step in STEPS.items() if step.seldom} == {
        "classify", "assign", "note", "add_evidence", "details", "explain_miss", "reopen", "withdraw",
    }  # fmt: skip
    assert {key: step.department for key, step in STEPS.items() if step.department} == {
        "forward": Department.ASKS,
        "answer": Department.ANSWERS,
        "notify_result": Department.RELEASES,
        "withdraw": Department.RELEASES,
    }
    assert {key: dict(step.own) for key, step in STEPS.items() if step.own} == {"assign": {"agent": "assignee_id"}}


# What events do to clocks beyond the terms tied to their names; every other event does nothing.
DONE_TO_CLOCKS = {
    Effect.CANCELS: "withdrawn merged closed_untimed",
    Effect.REOPENS: "reopened",
    Effect.PAUSES: "customer_asked",
    Effect.ENDS_PAUSE: "customer_replied result_notified closed reopened withdrawn merged closed_untimed",
    Effect.KEEPS_UPDATE: "acknowledged customer_asked result_notified closed date_promised remedy_proposed",
    Effect.KEEPS_REPLY: "result_notified closed",
}


@pytest.mark.parametrize("effect", list(Effect))
def test_events_with_each_effect_on_clocks(effect: Effect) -> None:
    assert events_with(effect) == set(DONE_TO_CLOCKS[effect].split())


def test_events_without_a_step() -> None:
    """Procedures tie terms to them (D14, MISA 4), so that none may go unnoticed."""
    assert set(OTHER_EVENTS) == {
        "received",
        "recalculated",
        "incident",
        "merged",
        "closed_untimed",
        "date_promised",
        "remedy_proposed",
        "negotiation_requested",
        "root_cause_analysed",
        "action_done",
        "action_evidence_sent",
    }


def test_nothing_is_no_effect() -> None:
    assert Effect.NONE not in list(Effect), "an event without effect must not be found among those with one"
    assert not Effect.NONE


PHASES = {
    Phase.RECORD: "",  # logging is no step
    Phase.ACKNOWLEDGE: "acknowledged",
    Phase.CLASSIFY: "classified",
    Phase.HANDLE: "forwarded department_answered customer_asked customer_replied",
    Phase.CONCILIATE: "",  # not built yet
    Phase.NOTIFY: "result_notified",
    Phase.CLOSE: "closed",
}
NEXT = {
    State.received: Phase.ACKNOWLEDGE,
    State.acknowledged: Phase.CLASSIFY,
    State.classified: Phase.HANDLE,
    State.investigating: Phase.HANDLE,
    State.waiting_customer: Phase.HANDLE,
    State.resolved: Phase.CLOSE,
    State.closed: None,
    State.withdrawn: None,
}


@pytest.mark.parametrize("phase", list(Phase))
def test_the_events_of_each_step_of_the_procedure(phase: Phase) -> None:
    assert events_of(phase) == set(PHASES[phase].split())


@pytest.mark.parametrize("state", list(State))
def test_what_the_procedure_wants_next(state: State) -> None:
    assert STATES[state].next_phase is NEXT[state]


# Fields of each step: plain must be filled in, ? may stay empty, c only for complaints (kind B), m only after a miss
# that has no reason yet.
FIELDS = """
acknowledge    channel text? answer_text?
classify       kind category level?
assign         assignee_id
forward        department text due_at files? details?
answer         text files?
ask_customer   text chase_on answer_text?
record_reply   text files?
notify_result  channel text files? answer_text?
close          outcome root_cause/c breach_reason/m lesson?
note           text
add_evidence   files text?
details        details
explain_miss   explains breach_reason text?
reopen         text
withdraw       text
"""
NEEDS = {
    # mark: (needed of an inquiry, of a complaint, of an inquiry with an unexplained miss)
    "": (True, True, True),
    "?": (False, False, False),
    "/c": (False, True, False),
    "/m": (False, False, True),
}
CARRIED = [
    (line.split()[0], re.split(r"(?=[?/])", name, maxsplit=1))
    for line in FIELDS.strip().splitlines()
    for name in line.split()[1:]
]


@pytest.mark.parametrize(("key", "field"), CARRIED)
def test_when_a_field_is_needed(key: str, field: list[str]) -> None:
    step, (name, mark) = STEPS[key], (*field, "")[:2]
    found = (
        step.needs(name, kind="inquiry", unexplained=False),
        step.needs(name, kind="complaint", unexplained=False),
        step.needs(name, kind="inquiry", unexplained=True),
    )
    assert found == NEEDS[mark]


def test_the_fields_drawn_are_all_of_them() -> None:
    drawn = {key: frozenset(field[0] for step, field in CARRIED if step == key) for key in STEPS}
    assert drawn == {key: step.field_names() for key, step in STEPS.items()}


def test_a_field_declared_nowhere_is_an_error() -> None:
    with pytest.raises(KeyError):
        STEPS["note"].needs("files", kind=None, unexplained=False)
