"""Prevention (D25, MISA 4): how far an analysis and each preventive action are, and which steps they wait for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from core.errors import NotAllowed
from core.rules.policy import Actor
from core.rules.procedure import Procedure
from core.rules.steps import CARE, STEPS, State

ANALYSE, APPROVE, RETURN = "analyse", "approve_analysis", "return_analysis"
DONE, SEND, VERIFY, CHECK = "action_done", "send_evidence", "verify_evidence", "check_effect"
KEYS = (ANALYSE, APPROVE, RETURN, DONE, SEND, VERIFY, CHECK)
"""The steps of prevention, in their order."""
EVENTS = frozenset(STEPS[key].event for key in KEYS)
OF_OWNERS = frozenset({DONE, SEND})
"""What an action's owner does; customer care may do it for them."""
MOST_WHYS, MOST_ACTIONS = 5, 5
CHECK_AFTER = timedelta(days=30)
"""How long after an action was verified, or last looked at, its effect is checked."""


class Analysis(StrEnum):
    """How far the newest analysis of a complaint is; the register stores these words."""

    waiting = "waiting"
    approved = "approved"
    returned = "returned"


class Verified(StrEnum):
    """What customer care found in the evidence of an action."""

    confirmed = "confirmed"
    refused = "refused"


class Effect(StrEnum):
    """What became of the cause after an action."""

    effective = "effective"
    not_effective = "not_effective"
    too_early = "too_early"


class Stage(StrEnum):
    """How far an action is."""

    planned = "planned"  # its analysis is not approved
    open = "open"
    done = "done"  # its evidence is awaited
    sent = "sent"  # its evidence is to be verified
    verified = "verified"  # its effect is to be checked
    checked = "checked"


NEXT: Mapping[Stage, str] = {
    Stage.open: DONE,
    Stage.done: SEND,
    Stage.sent: VERIFY,
    Stage.verified: CHECK,
}
"""The one step that an action waits for at each stage."""
STAGE_OF: Mapping[str, Stage] = {step: stage for stage, step in NEXT.items()}


class Action(NamedTuple):
    """One preventive action: who does it by when, against which cause, and what has become of it.

    ``what_id``: the text of what is done. ``effect_at``: when its effect was last looked at.
    """

    number: int
    what_id: int
    owner_id: int
    due_at: datetime
    cause: str
    approved_at: datetime | None = None
    done_at: datetime | None = None
    evidence_at: datetime | None = None
    verified_at: datetime | None = None
    effect: str | None = None
    effect_at: datetime | None = None

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.effect in (Effect.effective, Effect.not_effective):
            return Stage.checked
        reached = {
            Stage.verified: self.verified_at,
            Stage.sent: self.evidence_at,
            Stage.done: self.done_at,
            Stage.open: self.approved_at,
        }
        return next((stage for stage, at in reached.items() if at is not None), Stage.planned)

    @property
    def check_on(self) -> datetime | None:
        """From when on its effect is to be checked; None before it was verified."""
        since = self.effect_at or self.verified_at
        return since + CHECK_AFTER if since and self.stage is Stage.verified else None


class Prevention(NamedTuple):
    """What a complaint's history says of prevention. ``names_people``: whether its newest analysis names anybody."""

    analysis: Analysis | None = None
    names_people: bool = False
    actions: Mapping[int, Action] = MappingProxyType({})

    def at(self, stage: Stage) -> tuple[Action, ...]:
        """The actions at this stage."""
        return tuple(action for action in self.actions.values() if action.stage is stage)


def fits(step: str, prevention: Prevention) -> bool:
    """Whether there is something for ``step`` to be taken on; true of every step that is none of prevention."""
    if step in (APPROVE, RETURN):
        return prevention.analysis is Analysis.waiting
    return step not in STAGE_OF or bool(prevention.at(STAGE_OF[step]))


def offers(by: Actor, step: str, prevention: Prevention) -> bool:
    """Whether ``by`` finds something to take ``step`` on: a department's colleague only actions of their own."""
    if not fits(step, prevention):
        return False
    return step not in OF_OWNERS or by.role in CARE or bool(own(by, prevention.at(STAGE_OF[step])))


def own(by: Actor, actions: Iterable[Action]) -> tuple[Action, ...]:
    """Those of the actions that ``by`` may say to be done: their own, or all for customer care."""
    return tuple(action for action in actions if by.role in CARE or action.owner_id == by.id)


def awaited(steps: Collection[str], prevention: Prevention, procedure: Procedure, state: State) -> tuple[str, ...]:
    """Of ``steps``, those that prevention waits for now: they are offered before what is only possible."""
    owes = procedure.demands_prevention and state in (State.resolved, State.closed) and prevention.analysis is None
    asked = {ANALYSE} if owes or prevention.analysis is Analysis.returned else set[str]()
    return tuple(step for step in KEYS if step in steps and (step in asked or step != ANALYSE))


def check_owner(by: Actor, step: str, action: Action | None) -> None:
    """NotAllowed for a department's colleague who is not the owner of the action."""
    if step in OF_OWNERS and by.role not in CARE and (action is None or action.owner_id != by.id):
        raise NotAllowed("This action is somebody else's: its owner or customer care says that it is done.")


def is_closable(prevention: Prevention, procedure: Procedure, *, names_people: bool) -> bool:
    """Whether the board has looked where it must: at an analysis that names the people responsible (MISA 4).

    ``names_people``: whether the category of the complaint asks for names.
    """
    if not (names_people and procedure.board_looks):
        return True
    return prevention.names_people and prevention.analysis is Analysis.approved
