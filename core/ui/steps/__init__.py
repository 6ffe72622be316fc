"""Steps and states as the screens know them: each step's form, icon and line in the timeline, each state's badge."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import PopsError
from core.i18n import gettext, named, sentence
from core.rules.steps import STEP_OF_EVENT, STEPS, State
from core.ui.badges import Badge
from core.ui.steps import (
    beside,
    conciliation,
    correction,
    direction,
    ending,
    handling,
    incident,
    intake,
    issues,
    merging,
    misses,
    papers,
    prevention,
)
from core.ui.steps.view import EventView, StepView

VIEWS: Mapping[str, StepView] = {
    **intake.VIEWS,
    **handling.VIEWS,
    **conciliation.VIEWS,
    **ending.VIEWS,
    **beside.VIEWS,
    **misses.VIEWS,
    **correction.VIEWS,
    **prevention.VIEWS,
    **incident.VIEWS,
    **merging.VIEWS,
    **direction.VIEWS,
    **issues.VIEWS,
    **papers.VIEWS,
}
STATE_BADGES: Mapping[str, Badge] = {
    **intake.STATE_BADGES,
    **handling.STATE_BADGES,
    **conciliation.STATE_BADGES,
    **ending.STATE_BADGES,
    **merging.STATE_BADGES,
}
OTHER_EVENTS: Mapping[str, EventView] = {**intake.OTHER_EVENTS, **beside.OTHER_EVENTS, **merging.OTHER_EVENTS}
UNKNOWN = EventView("circle")


def event_view(kind: str) -> EventView:
    """How the timeline shows an event: as its step does, or as an event nobody takes a step for."""
    step = STEP_OF_EVENT.get(kind)
    return VIEWS[step.key].event if step else OTHER_EVENTS.get(kind, UNKNOWN)


def state_word(state: str) -> str:
    """Where a complaint stands, in the reader's language."""
    return named("state", state)


def error_words(error: PopsError) -> str:
    """The error's sentence, with states and steps named as the screens name them."""
    values = dict(error.values)
    for name, vocabulary, known in (
        ("kind", "event", STEP_OF_EVENT),
        ("step", "step", STEPS),
        ("state", "state", list(State)),
    ):
        if values.get(name) in known:
            values[name] = named(vocabulary, str(values[name]))
    return gettext(error.template).format(**values) if values != error.values else sentence(error)
