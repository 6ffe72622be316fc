"""How far an analysis and each action are, and what they wait for, drawn by hand (D25)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import shipped
from core.errors import NotAllowed
from core.rules import prevention
from core.rules.catalogue import Entry, names_people
from core.rules.prevention import Action, Analysis, Prevention, Stage
from core.rules.steps import State
from tests.local_time import at
from tests.rules.test_policy import AGENT, MANAGER, PAYMENT

THEN = at("2026-11-20 09:00")
PLANNED = Action(1, 10, PAYMENT.id, at("2026-11-30 17:30"), "process")
OPEN = PLANNED._replace(approved_at=THEN)
DONE = OPEN._replace(done_at=THEN)
SENT = DONE._replace(evidence_at=THEN)
VERIFIED = SENT._replace(verified_at=THEN)

STAGES = [
    # action, stage, the step it waits for, why
    (PLANNED, Stage.planned, None, "nobody has approved the analysis"),
    (OPEN, Stage.open, "action_done", "approved: to be done"),
    (DONE, Stage.done, "send_evidence", "nothing shows it yet"),
    (SENT, Stage.sent, "verify_evidence", "customer care looks at it"),
    (SENT._replace(evidence_at=None), Stage.done, "send_evidence", "refused: to be sent again"),
    (VERIFIED, Stage.verified, "check_effect", "whether it has helped is still open"),
    (VERIFIED._replace(effect="too_early", effect_at=THEN), Stage.verified, "check_effect", "looked at too early"),
    (VERIFIED._replace(effect="effective", effect_at=THEN), Stage.checked, None, "the end"),
    (VERIFIED._replace(effect="not_effective", effect_at=THEN), Stage.checked, None, "an end too: plan another"),
]


@pytest.mark.parametrize(("action", "stage", "step", "why"), STAGES)
def test_how_far_an_action_is(action: Action, stage: Stage, step: str | None, why: str) -> None:
    assert action.stage is stage, why
    assert prevention.NEXT.get(stage) == step, why
    found = Prevention(Analysis.approved, actions={1: action})
    fitting = [key for key in prevention.STAGE_OF if prevention.fits(key, found)]
    assert fitting == ([step] if step else []), "no other step has anything to be taken on"


CHECKS = [
    (DONE, None, "not verified yet"),
    (VERIFIED, THEN + timedelta(days=30), "30 days after it was verified"),
    (
        VERIFIED._replace(effect="too_early", effect_at=THEN + timedelta(days=31)),
        THEN + timedelta(days=61),
        "once more",
    ),
    (VERIFIED._replace(effect="effective", effect_at=THEN), None, "no more"),
]


@pytest.mark.parametrize(("action", "wanted", "why"), CHECKS)
def test_when_the_effect_is_checked(action: Action, wanted: object, why: str) -> None:
    assert action.check_on == wanted, why


WORDS_OF_THE_BOARD = [
    (None, False, "nothing was analysed"),
    (Analysis.waiting, True, "it waits for just this"),
    (Analysis.approved, False, "said already"),
    (Analysis.returned, False, "the next analysis comes first"),
]


@pytest.mark.parametrize(("analysis", "fits", "why"), WORDS_OF_THE_BOARD)
def test_the_board_speaks_on_what_waits_for_it(analysis: Analysis | None, fits: bool, why: str) -> None:
    for step in (prevention.APPROVE, prevention.RETURN):
        assert prevention.fits(step, Prevention(analysis)) is fits, why


OWNERS = [
    (PAYMENT, "action_done", OPEN, True, "one's own"),
    (PAYMENT, "action_done", OPEN._replace(owner_id=8), False, "a colleague's"),
    (AGENT, "action_done", OPEN._replace(owner_id=8), True, "customer care says it for anybody"),
    (PAYMENT, "send_evidence", DONE._replace(owner_id=8), False, "a colleague's"),
    (PAYMENT, "analyse", None, True, "no action of anybody"),
]


@pytest.mark.parametrize(("who", "step", "action", "allowed", "why"), OWNERS)
def test_who_says_that_an_action_is_done(
    who: object, step: str, action: Action | None, allowed: bool, why: str
) -> None:
    if allowed:
        prevention.check_owner(who, step, action)  # type: ignore[arg-type] # an actor of the tests
    else:
        with pytest.raises(NotAllowed, match="somebody else's"):
            prevention.check_owner(who, step, action)  # type: ignore[arg-type] # an actor of the tests
    if action:
        found = Prevention(Analysis.approved, actions={1: action})
        assert prevention.offers(who, step, found) is allowed, why  # type: ignore[arg-type] # an actor of the tests


AWAITED = [
    # procedure, state, prevention, steps offered first, why
    ("misa", State.closed, Prevention(), ("analyse",), "MISA demands an analysis"),
    ("misa", State.investigating, Prevention(), (), "not before the result is told"),
    ("pops", State.closed, Prevention(), (), "possible, and nobody waits for it"),
    ("pops", State.closed, Prevention(Analysis.returned), ("analyse",), "the board wants another one"),
    ("misa", State.closed, Prevention(Analysis.approved, actions={1: OPEN}), ("action_done",), "to be done"),
]


@pytest.mark.parametrize(("procedure", "state", "found", "first", "why"), AWAITED)
def test_what_prevention_waits_for(
    procedure: str, state: State, found: Prevention, first: tuple[str, ...], why: str
) -> None:
    offered = [key for key in prevention.KEYS if prevention.fits(key, found)]
    assert prevention.awaited(offered, found, shipped.procedure(procedure), state) == first, why


CLOSING = [
    # procedure, does its category name people, prevention, can it be closed, why
    ("misa", False, Prevention(), True, "closing waits for no analysis (D25)"),
    ("misa", True, Prevention(), False, "the board has seen nothing"),
    ("misa", True, Prevention(Analysis.waiting, names_people=True), False, "the board has not looked yet"),
    ("misa", True, Prevention(Analysis.returned, names_people=True), False, "the board wants another one"),
    ("misa", True, Prevention(Analysis.approved), False, "what was approved names nobody"),
    ("misa", True, Prevention(Analysis.approved, names_people=True), True, "approved with names"),
    ("pops", True, Prevention(), True, "no board in this procedure"),
]


@pytest.mark.parametrize(("procedure", "names", "found", "closable", "why"), CLOSING)
def test_what_the_board_sees_before_closing(
    procedure: str, names: bool, found: Prevention, closable: bool, why: str
) -> None:
    assert prevention.is_closable(found, shipped.procedure(procedure), names_people=names) is closable, why


def test_which_categories_name_people() -> None:
    categories = {
        "conduct": Entry("conduct", "Thái độ", "Conduct", names_people=True),
        "attitude": Entry("attitude", "Thái độ phục vụ", "Attitude", parent="conduct"),
        "rude": Entry("rude", "Thô lỗ", "Rude", retired=True, into="attitude"),
        "other": Entry("other", "Khác", "Other"),
    }
    named = {key: names_people(categories, key) for key in (*categories, "unknown")}
    assert named == {"conduct": True, "attitude": True, "rude": True, "other": False, "unknown": False}


def test_the_board_takes_no_action() -> None:
    assert prevention.own(MANAGER, [OPEN._replace(owner_id=8)]) == ()
