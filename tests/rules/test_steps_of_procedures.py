"""Who may take which step in which state, drawn by hand for POPS, and where the other four procedures differ."""

from __future__ import annotations

import pytest

from core import shipped
from core.rules import policy
from core.rules.steps import STEPS, State
from tests.rules.test_policy import KNOWN, Somebody, columns

ROLES = {"r": "reporter", "a": "agent", "l": "lead", "h": "handler", "m": "manager", "n": "analyst", "d": "admin"}
"""The letters of the drawing. The reporter logged the case; the handler's department owes an answer; analyst and
administrator look on only."""

STATES = [state.value for state in State]
POPS = """
acknowledge      al   .    .    .    .    .    .    .    .    .    .
classify         .    al   al   al   al   al   al   .    .    .    .
assign           al   al   al   al   al   al   al   al   .    .    .
forward          .    .    al   al   .    .    .    .    .    .    .
answer           .    .    .    alh  alh  alh  alh  .    .    .    .
return_request   .    .    .    alh  alh  alh  alh  .    .    .    .
recall           .    .    .    al   al   al   al   .    .    .    .
remind           .    .    .    al   al   al   al   .    .    .    .
ask_customer     .    al   al   al   .    .    .    .    .    .    .
record_reply     .    .    .    .    al   .    .    .    .    .    .
chase            .    .    .    .    al   al   .    .    .    .    .
end_waiting      .    .    .    .    al   al   .    .    .    .    .
propose          .    .    al   al   .    .    .    .    .    .    .
accept           .    .    .    .    .    al   .    .    .    .    .
refuse           .    .    .    .    .    al   .    al   .    .    .
decide           .    .    .    lm   .    lm   .    .    .    .    .
escalate         .    al   al   al   al   al   al   .    .    .    .
tell_progress    .    al   al   al   al   al   al   .    .    .    .
promise          .    al   al   al   al   al   al   .    .    .    .
negotiate        al   al   al   al   al   al   al   .    .    .    .
notify_result    .    .    al   al   al   al   al   .    .    .    .
close            .    .    .    .    .    .    .    al   .    .    .
note             ralh ralh ralh ralh ralh ralh ralh ralh alh  alh  .
add_evidence     ralh ralh ralh ralh ralh ralh ralh ralh alh  alh  .
details          alh  alh  alh  alh  alh  alh  alh  alh  .    .    .
verify_customer  al   al   al   al   al   al   al   al   .    .    .
add_issue        al   al   al   al   al   al   al   al   .    .    .
remove_issue     al   al   al   al   al   al   al   al   .    .    .
admit            l    l    l    l    l    l    l    l    .    .    .
issue_paper      al   al   al   al   al   al   al   al   al   al   .
explain_miss     al   al   al   al   al   al   al   al   al   al   al
correct          al   al   al   al   al   al   al   al   al   al   al
join_incident    al   al   al   al   al   al   al   al   al   al   .
analyse          .    .    .    alh  alh  alh  alh  alh  alh  .    .
approve_analysis .    .    .    m    m    m    m    m    m    m    m
return_analysis  .    .    .    m    m    m    m    m    m    m    m
action_done      .    .    .    alh  alh  alh  alh  alh  alh  alh  alh
send_evidence    .    .    .    alh  alh  alh  alh  alh  alh  alh  alh
verify_evidence  .    .    .    al   al   al   al   al   al   al   al
check_effect     .    .    .    alm  alm  alm  alm  alm  alm  alm  alm
reopen           .    .    .    .    .    .    .    .    al   al   .
merge            al   al   al   al   al   al   al   al   .    .    .
unmerge          .    .    .    .    .    .    .    .    .    .    l
withdraw         al   al   al   al   al   al   al   al   .    .    .
"""
"""A column per state. The complaint is classified from the third on; no direction is awaited; it is in no incident."""

NOTHING = "\n".join(f"{step} . . . . . . . . . . ." for step in ("propose", "accept", "refuse", "decide"))
DIFFERENCES = [
    ("pops", "", "its step 5 has rounds with the customer"),
    ("vhv", NOTHING, "VHV 3 and 4 answer; no round with the customer is written"),
    ("minh-tuan", NOTHING, "Minh Tuấn 4 and 5 answer or settle on the spot, with signed minutes"),
    ("dai-huu", NOTHING, "Đại Hữu 4 and 5 answer, and tell how it goes"),
    (
        "misa",
        f"{NOTHING}\nnotify_result . . alh alh alh alh alh . . . .",
        "MISA 2: the department that was asked replies to the customer itself",
    ),
]


def drawn(lines: str) -> dict[str, dict[str, str]]:
    """Step → state → the letters of who may take it there."""
    rows = (line.split() for line in lines.strip().splitlines())
    return {step: dict(zip(STATES, cells, strict=True)) for step, *cells in rows}


@pytest.mark.parametrize(("key", "differences", "why"), DIFFERENCES, ids=[key for key, *_ in DIFFERENCES])
def test_the_steps_of_each_procedure(key: str, differences: str, why: str) -> None:
    procedure = shipped.procedures()[key]
    wanted = drawn(POPS) | drawn(differences)
    for state in STATES:
        for letter, role in ROLES.items():
            kind = None if state in ("received", "acknowledged") else "complaint"
            complaint = columns("payment", None, state=state, kind=kind, logged_by_id=7)
            may = policy.steps_for(
                Somebody(role, "payment" if role == "handler" else None),
                complaint,
                KNOWN,
                conciliates=procedure.conciliation is not None,
                departments_reply=procedure.departments_reply,
            )
            assert set(may) == {step for step, row in wanted.items() if letter in row[state]}, (role, state, why)


def test_the_drawing_has_every_step_that_stands_by_itself() -> None:
    """What answers a direction, takes an incident back or undoes waits for something that this complaint has not."""
    waits = {"leave_incident", "undo", "direct", "approve_proposal", "return_proposal"}
    waits |= {"remind_direction", "recall_direction"}
    assert set(drawn(POPS)) == set(STEPS) - waits
