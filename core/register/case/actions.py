"""The analysis of a complaint and its preventive actions, folded from its events, and the rows of ``actions`` (D25)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from core.register.case.payload import ActionRow, CaseEvent, Payload
from core.rules.prevention import (
    ANALYSE,
    APPROVE,
    CHECK,
    DONE,
    EVENTS,
    RETURN,
    SEND,
    VERIFY,
    Action,
    Analysis,
    Prevention,
    Verified,
)
from core.rules.steps import STEPS
from core.rules.undo import effective

TEXT = "what:"
"""What the key of an action's text begins with among the texts of an analysis."""
ANALYSED = STEPS[ANALYSE].event


def fold(events: Sequence[CaseEvent]) -> Prevention:
    """Events of one complaint, oldest first → its analysis and its actions."""
    found = Prevention()
    for event in effective(events):
        if event.kind in EVENTS:
            found = _FOLDS[event.kind](found, event)
    return found


def says_any(events: Sequence[CaseEvent]) -> bool:
    """Whether one of these events changes them."""
    return not EVENTS.isdisjoint([event.kind for event in events])


def rows_of(complaint_id: int, events: Sequence[CaseEvent]) -> list[ActionRow]:
    """The rows of ``actions`` that follow from the events."""
    actions = fold(events).actions.values() if says_any(events) else ()
    return [cast("ActionRow", {"complaint_id": complaint_id, **action._asdict()}) for action in actions]


def planned(payload: Payload, first: int = 1) -> dict[int, Action]:
    """The actions that an analysis plans, numbered from ``first``."""
    each = zip(payload.get("actions", ()), payload.get("what_ids", ()), strict=True)
    return {
        number: Action(
            number, what_id, one["owner_id"], datetime.fromisoformat(one["due_at"]), payload["root_cause"] or ""
        )
        for number, (one, what_id) in enumerate(each, first)
    }


def _analysed(before: Prevention, event: CaseEvent) -> Prevention:
    """A newer analysis takes the place of one that nobody has approved; what was approved stays."""
    kept = {number: action for number, action in before.actions.items() if action.approved_at}
    actions = kept | planned(event.payload, max(kept, default=0) + 1)
    return Prevention(Analysis.waiting, "people_id" in event.payload, actions)


def _approved(before: Prevention, event: CaseEvent) -> Prevention:
    actions = {
        number: action if action.approved_at else action._replace(approved_at=event.at)
        for number, action in before.actions.items()
    }
    return before._replace(analysis=Analysis.approved, actions=actions)


def _returned(before: Prevention, _event: CaseEvent) -> Prevention:
    return before._replace(analysis=Analysis.returned)


def _verified(action: Action, event: CaseEvent) -> Action:
    """Evidence that shows nothing is sent anew."""
    if event.payload["verified"] == Verified.confirmed:
        return action._replace(verified_at=event.at)
    return action._replace(evidence_at=None)


def _of_action(change: Callable[[Action, CaseEvent], Action]) -> Callable[[Prevention, CaseEvent], Prevention]:
    def follow(before: Prevention, event: CaseEvent) -> Prevention:
        action = before.actions[int(event.payload["action"])]
        return before._replace(actions={**before.actions, action.number: change(action, event)})

    return follow


_FOLDS: Mapping[str, Callable[[Prevention, CaseEvent], Prevention]] = {
    STEPS[ANALYSE].event: _analysed,
    STEPS[APPROVE].event: _approved,
    STEPS[RETURN].event: _returned,
    STEPS[DONE].event: _of_action(lambda action, event: action._replace(done_at=event.at)),
    STEPS[SEND].event: _of_action(lambda action, event: action._replace(evidence_at=event.at)),
    STEPS[VERIFY].event: _of_action(_verified),
    STEPS[CHECK].event: _of_action(
        lambda action, event: action._replace(effect=event.payload["effect"], effect_at=event.at)
    ),
}
