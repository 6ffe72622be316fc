"""Which step is offered first, drawn by hand per state."""

from __future__ import annotations

import pytest

from core.rules.moves import ranked
from core.rules.workflow import State, verbs_from

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
    possible = [verb for verb in verbs_from(State(state)) if verb != "answer" or waiting]
    offered = ranked(possible, state, kind, waiting)
    assert offered[0] == first, why
    assert sorted(offered) == sorted(possible), "each possible step once, nothing else"


def test_taking_back_is_offered_last() -> None:
    assert ranked(verbs_from(State.received), "received", None, False)[-1] == "withdraw"
