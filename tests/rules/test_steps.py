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
    Direction,
    Effect,
    Phase,
    State,
    events_of,
    events_with,
    ranked,
    steps_from,
    steps_together,
)

# Where each step leads from each state; a dot means the procedure does not go that way. What is taken out again stands
# where it stood, which its history says and no table.
IN_COLUMNS = (
    "received",
    "acknowledged",
    "classified",
    "investigating",
    "waiting_customer",
    "proposed",
    "decided",
    "resolved",
    "closed",
    "withdrawn",
    "merged",
)
# fmt: off
DRAWN = """
acknowledge    acknowledged .                .                .                .                .             .         .             .             . .
classify       .            classified       classified       investigating    waiting_customer proposed      decided   .             .             . .
assign         received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      .             . .
forward        .            .                investigating    investigating    .                .             .         .             .             . .
answer         .            .                .                investigating    waiting_customer proposed      decided   .             .             . .
return_request .            .                .                investigating    waiting_customer proposed      decided   .             .             . .
recall         .            .                .                investigating    waiting_customer proposed      decided   .             .             . .
remind         .            .                .                investigating    waiting_customer proposed      decided   .             .             . .
ask_customer   .            waiting_customer waiting_customer waiting_customer .                .             .         .             .             . .
record_reply   .            .                .                .                investigating    .             .         .             .             . .
chase          .            .                .                .                waiting_customer proposed      .         .             .             . .
end_waiting    .            .                .                .                investigating    decided       .         .             .             . .
propose        .            .                proposed         proposed         .                .             .         .             .             . .
accept         .            .                .                .                .                decided       .         .             .             . .
refuse         .            .                .                .                .                investigating .         investigating .             . .
decide         .            .                .                decided          .                decided       .         .             .             . .
escalate       .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
direct         .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
approve_proposal .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
return_proposal .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
remind_direction .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
recall_direction .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
tell_progress  .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
promise        .            acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
negotiate      received     acknowledged     classified       investigating    waiting_customer proposed      decided   .             .             . .
notify_result  .            .                resolved         resolved         resolved         resolved      resolved  .             .             . .
close          .            .                .                .                .                .             .         closed        .             . .
withdraw       withdrawn    withdrawn        withdrawn        withdrawn        withdrawn        withdrawn     withdrawn withdrawn     .             . .
merge          merged       merged           merged           merged           merged           merged        merged    merged        .             . .
unmerge        .            .                .                .                .                .             .         .             .             . merged
reopen         .            .                .                .                .                .             .         .             investigating investigating .
note           received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn .
add_evidence   received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn .
details        received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      .             . .
add_issue      received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      .             . .
remove_issue   received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      .             . .
verify_customer received    acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      .             . .
admit          received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      .             . .
issue_paper    received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn .
explain_miss   received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn merged
correct        received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn merged
join_incident  received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn .
leave_incident received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn .
analyse        .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        . .
approve_analysis .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        withdrawn merged
return_analysis .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        withdrawn merged
action_done    .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        withdrawn merged
send_evidence  .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        withdrawn merged
verify_evidence .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        withdrawn merged
check_effect   .            .                .                investigating    waiting_customer proposed      decided   resolved  closed        withdrawn merged
undo           received     acknowledged     classified       investigating    waiting_customer proposed      decided   resolved      closed        withdrawn merged
"""  # noqa: E501
# fmt: on
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


# The order in which steps are offered, drawn by hand per state; `answer` and what is `OWED` are possible only while a
# department owes one, `undo` stands apart from the others, `explain_miss` is for the page to offer after a miss.
TALK = "escalate tell_progress promise negotiate"
OWED = "return_request recall remind"
DIRECTIONS = "direct approve_proposal return_proposal remind_direction recall_direction"
BESIDE = "note add_evidence"
ISSUES = ("add_issue", "remove_issue")
INCIDENT = "join_incident leave_incident"
LAST = (
    f"{BESIDE} details add_issue remove_issue verify_customer admit issue_paper explain_miss correct {INCIDENT} merge"
    " withdraw"
)
MISS = f"issue_paper explain_miss correct {INCIDENT}"
ACTIONS = "approve_analysis return_analysis action_done send_evidence verify_evidence check_effect"
PREVENT = f"analyse {ACTIONS}"
HANDLED_LAST = LAST.replace(INCIDENT, f"{INCIDENT} {PREVENT}")
ORDER = [
    # state, kind, a department owes an answer, steps in the order of the screen, why
    (
        "received",
        None,
        False,
        f"acknowledge assign negotiate {LAST}",
        "the first promise is running",
    ),
    (
        "acknowledged",
        None,
        False,
        f"classify ask_customer assign {TALK} {LAST}",
        "POPS step 3",
    ),
    (
        "classified",
        "complaint",
        False,
        f"forward notify_result ask_customer propose classify assign {TALK} {LAST}",
        "POPS step 4",
    ),
    (
        "classified",
        "inquiry",
        False,
        f"notify_result forward ask_customer propose classify assign {TALK} {LAST}",
        "answered from published information (POPS step 3A)",
    ),
    (
        "investigating",
        "complaint",
        True,
        f"answer notify_result propose forward ask_customer classify assign {OWED} decide {TALK} {HANDLED_LAST}",
        "the answer that is waited for",
    ),
    (
        "investigating",
        "inquiry",
        False,
        f"notify_result propose forward ask_customer classify assign decide {TALK} {HANDLED_LAST}",
        "the answer is there",
    ),
    (
        "waiting_customer",
        "complaint",
        False,
        f"record_reply chase notify_result classify assign end_waiting {TALK} {HANDLED_LAST}",
        "the customer was asked",
    ),
    (
        "waiting_customer",
        "inquiry",
        False,
        f"record_reply chase notify_result classify assign end_waiting {TALK} {HANDLED_LAST}",
        "an inquiry, too, waits for its answer once the customer was asked",
    ),
    (
        "waiting_customer",
        "complaint",
        True,
        f"answer record_reply chase notify_result classify assign {OWED} end_waiting {TALK} {HANDLED_LAST}",
        "both are waited for: the department answers for itself",
    ),
    (
        "proposed",
        "complaint",
        False,
        f"accept refuse chase notify_result classify assign end_waiting decide {TALK} {HANDLED_LAST}",
        "the customer agrees or not (POPS step 5)",
    ),
    (
        "decided",
        "complaint",
        False,
        f"notify_result classify assign {TALK} {HANDLED_LAST}",
        "what was agreed or decided is told officially (POPS step 6)",
    ),
    (
        "resolved",
        "complaint",
        False,
        f"close refuse assign {HANDLED_LAST}",
        "POPS step 7; a customer may still refuse; taking back is last everywhere",
    ),
    ("closed", "complaint", False, f"{BESIDE} reopen {MISS} {PREVENT}", "re-opening is rare"),
    ("withdrawn", None, False, f"{BESIDE} reopen {MISS} {ACTIONS}", "what was planned goes on"),
    ("merged", None, False, f"unmerge explain_miss correct {ACTIONS}", "all else goes on in the other one"),
]


@pytest.mark.parametrize(("state", "kind", "owes", "order", "why"), ORDER)
def test_the_likeliest_step_comes_first_and_none_is_lost(
    state: str, kind: str | None, owes: bool, order: str, why: str
) -> None:
    possible = tuple(
        step
        for step in steps_from(State(state))
        if step not in ("undo", *DIRECTIONS.split()) and (owes or step not in ("answer", *OWED.split()))
    )
    assert ranked(possible, State(state), kind) == tuple(order.split()), why


def test_a_direction_that_is_awaited_comes_first() -> None:
    """Whoever may give it is offered that before all else; reminding of it is seldom meant."""
    possible = (
        "forward",
        "answer",
        "escalate",
        "direct",
        "approve_proposal",
        "return_proposal",
        "remind_direction",
        "note",
    )
    ordered = ranked(possible, State.investigating, "complaint")
    assert ordered[:4] == ("direct", "approve_proposal", "return_proposal", "answer"), "before what others owe"
    assert ordered[-1] == "note"


def test_the_flags_drawn_by_hand() -> None:
    assert {key for key, step in STEPS.items() if step.beside} == {
        "assign", "note", "add_evidence", "details", "verify_customer", "admit", "explain_miss", "correct", "undo",
        "issue_paper",
        *ISSUES, "tell_progress", "promise", "negotiate", "remind",
        *DIRECTIONS.split(), *INCIDENT.split(), *PREVENT.split(),
    }  # fmt: skip
    assert {key for key, step in STEPS.items() if step.final} == {"withdraw", "merge", "decide", "issue_paper"}
    assert {key for key, step in STEPS.items() if step.seldom} == {
        "classify", "assign", "note", "add_evidence", "details", "verify_customer", "admit", "explain_miss", "correct",
        "issue_paper",
        "reopen", "withdraw", "merge", "unmerge", "undo", "end_waiting", "decide", "tell_progress", "promise", *ISSUES,
        "negotiate", "return_request", "recall", "remind", "escalate", *DIRECTIONS.split(),
        *INCIDENT.split(), *PREVENT.split(),
    }  # fmt: skip
    assert {key: step.direction for key, step in STEPS.items() if step.direction} == {
        "escalate": Direction.ASKS,
        "direct": Direction.DIRECTS,
        "approve_proposal": Direction.APPROVES,
        "return_proposal": Direction.RETURNS,
        "remind_direction": Direction.REMINDS,
        "recall_direction": Direction.RECALLS,
        "notify_result": Direction.RELEASES,
        "merge": Direction.RELEASES,
        "withdraw": Direction.RELEASES,
    }
    assert {key: step.department for key, step in STEPS.items() if step.department} == {
        "forward": Department.ASKS,
        "answer": Department.ANSWERS,
        "return_request": Department.RETURNS,
        "recall": Department.RECALLS,
        "remind": Department.REMINDS,
        "notify_result": Department.RELEASES,
        "withdraw": Department.RELEASES,
    }
    assert {key for key, step in STEPS.items() if step.conciliates} == {"propose", "accept", "refuse", "decide"}
    assert {key: set(step.replying) for key, step in STEPS.items() if step.replying} == {"notify_result": {"handler"}}


# What events do to clocks beyond the terms tied to their names; every other event does nothing.
DONE_TO_CLOCKS = {
    Effect.CANCELS: "withdrawn merged closed_untimed",
    Effect.REOPENS: "reopened",
    Effect.PAUSES: "customer_asked",
    Effect.ENDS_PAUSE: "customer_replied customer_silent result_notified closed reopened withdrawn merged"
    " closed_untimed",
    Effect.KEEPS_UPDATE: "acknowledged customer_asked customer_chased result_notified closed date_promised"
    " progress_told remedy_proposed",
    Effect.KEEPS_REPLY: "result_notified closed",
    Effect.KEEPS_SOLUTION: "remedy_proposed result_notified closed",
    Effect.PROMISES: "date_promised remedy_refused remedy_accepted final_decision customer_silent",
}


@pytest.mark.parametrize("effect", list(Effect))
def test_events_with_each_effect_on_clocks(effect: Effect) -> None:
    assert events_with(effect) == set(DONE_TO_CLOCKS[effect].split())


# Where a step leads while nobody has classified the complaint; all others as drawn above.
UNCLASSIFIED = [
    ("record_reply", "waiting_customer", "acknowledged", "what was asked before classifying leads back to it"),
    ("end_waiting", "waiting_customer", "acknowledged", "the same where nobody answers"),
    ("reopen", "withdrawn", "acknowledged", "withdrawn before anybody classified it"),
    ("ask_customer", "acknowledged", "waiting_customer", "more must be known first (Minh Tuấn 2)"),
    ("notify_result", "waiting_customer", None, "no result before it is known what kind of matter it is"),
]


@pytest.mark.parametrize(("step", "state", "to", "why"), UNCLASSIFIED)
def test_where_a_step_leads_before_classifying(step: str, state: str, to: str | None, why: str) -> None:
    if to is None:
        with pytest.raises(NotAllowed, match="classify"):
            STEPS[step].leads_to(State(state), is_classified=False)
    else:
        assert STEPS[step].leads_to(State(state), is_classified=False) == to, why


@pytest.mark.parametrize(
    ("is_classified", "to", "why"),
    [
        (True, "classified", "said at intake: nothing is left to classify"),
        (False, "acknowledged", "to be classified next"),
        (None, "acknowledged", "an event of an earlier version says nothing of it"),
    ],
)
def test_where_acknowledging_leads(is_classified: bool | None, to: str, why: str) -> None:
    assert STEPS["acknowledge"].leads_to(State.received, is_classified=is_classified) == to, why


def test_events_without_a_step() -> None:
    """Procedures tie terms to them (D14), so that none may go unnoticed."""
    assert set(OTHER_EVENTS) == {
        "received",
        "recalculated",
        "incident",
        "merged_in",
        "taken_out",
        "closed_untimed",
    }


def test_nothing_is_no_effect() -> None:
    assert Effect.NONE not in list(Effect), "an event without effect must not be found among those with one"
    assert not Effect.NONE


PHASES = {
    Phase.RECORD: "",  # logging is no step
    Phase.ACKNOWLEDGE: "acknowledged",
    Phase.CLASSIFY: "classified",
    Phase.HANDLE: "forwarded department_answered customer_asked customer_replied customer_chased customer_silent",
    Phase.CONCILIATE: "remedy_proposed remedy_accepted remedy_refused final_decision",
    Phase.NOTIFY: "result_notified",
    Phase.CLOSE: "closed",
}
NEXT = {
    State.received: Phase.ACKNOWLEDGE,
    State.acknowledged: Phase.CLASSIFY,
    State.classified: Phase.HANDLE,
    State.investigating: Phase.HANDLE,
    State.waiting_customer: Phase.HANDLE,
    State.proposed: Phase.CONCILIATE,
    State.decided: Phase.NOTIFY,
    State.resolved: Phase.CLOSE,
    State.closed: None,
    State.withdrawn: None,
    State.merged: None,
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
acknowledge    channel text? answer_text? mail? subject? enclosed? files?
classify       kind category level?
assign         assignee_id text?
forward        department text due_at files? details?
answer         text request? files?
return_request text request? belongs_to? files?
recall         text request? files?
remind         text? request? files?
ask_customer   text chase_on answer_text? mail? subject? enclosed? files? wanted? wanted_more?
record_reply   text files? came?
chase          channel chase_on text? answer_text? mail? subject? enclosed? files?
end_waiting    text? due_at? files?
propose        channel text chase_on files? answer_text? mail? subject? enclosed?
accept         text? due_at? files?
refuse         text due_at files?
decide         text due_at?
escalate       addressee text due_at files?
direct         text
approve_proposal text?
return_proposal text
remind_direction text?
recall_direction text
tell_progress  channel text answer_text? mail? subject? enclosed? files?
promise        promised due_at channel text answer_text? mail? subject? enclosed? files?
negotiate      text? files?
notify_result  channel text files? answer_text? mail? subject? enclosed?
close          outcome root_cause/c issue_outcomes issue_causes/c breach_reason/m lesson? files?
note           text files? came? work_log?
add_evidence   files? recording? recording_at? text? came?
details        details files? came?
add_issue      issue_category text? files?
remove_issue   issue text
verify_customer facts? still?
admit          text
issue_paper    paper text replaces?
explain_miss   explains breach_reason text?
correct        corrects of? issue? becomes? text?
join_incident  incident text?
leave_incident text?
analyse        root_cause whys actions? text? people?
approve_analysis text?
return_analysis text
action_done    action text?
send_evidence  action files text?
verify_evidence action verified text?
check_effect   action effect text
reopen         text files?
merge          merged_into text?
unmerge        text
withdraw       text files?
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
        STEPS["assign"].needs("files", kind=None, unexplained=False)


SAVED_TOGETHER = [
    # state, acknowledge and classify, settle, why
    ("received", "acknowledge classify", "acknowledge classify notify_result close", "nothing was done yet"),
    ("acknowledged", "", "classify notify_result close", "one step alone is no “together”"),
    ("classified", "", "notify_result close", "told and closed"),
    ("investigating", "", "notify_result close", "told and closed"),
    ("decided", "", "notify_result close", "told and closed"),
    ("proposed", "", "notify_result close", "they agree and that is the end"),
    ("resolved", "", "", "only closing is left"),
    ("closed", "", "", "at an end"),
    ("withdrawn", "", "", "at an end"),
    ("merged", "", "", "it goes on in another one"),
]


@pytest.mark.parametrize(("state", "begun", "settled", "why"), SAVED_TOGETHER)
def test_what_is_saved_together(state: str, begun: str, settled: str, why: str) -> None:
    assert steps_together("acknowledge_and_classify", State(state)) == tuple(begun.split()), why
    assert steps_together("settle", State(state)) == tuple(settled.split()), why
    assert steps_together("refuse_intake", State(state)) == tuple(settled.split()), why
