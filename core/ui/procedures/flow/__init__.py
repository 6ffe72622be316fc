"""The steps of a procedure in their order, each clock above the steps it runs over; on a phone a list of both.

It is a list in words wherever it is read: the drawing places the same texts, so that nothing is said by a picture only.
"""

from __future__ import annotations

from pathlib import Path

from core.i18n import gettext as _
from core.i18n import label, named
from core.rules.marks import visible
from core.rules.procedure import Procedure, Term
from core.rules.steps import STEP_OF_EVENT, Phase, phases_of
from core.ui import components
from core.ui.procedures import words

_flow = components.of_folder(Path(__file__).parent)


def show(procedure: Procedure, *, key: str) -> None:
    """Draw the steps and the clocks of ``procedure``."""
    steps = steps_of(procedure)
    clocks = [_clock(term, steps) for term in procedure.terms]
    names = [named("phase", one) if one in list(Phase) else named("event", one) for one in steps]
    _flow(
        key=key,
        data={
            "steps": [
                {"name": name, "clocks": [clock for clock in clocks if clock["first"] == n]}
                for n, name in enumerate(names, start=1)
            ],
            "alt": _("Steps of the procedure in their order, with the clocks that start at each"),
        },
    )


def steps_of(procedure: Procedure) -> list[str]:
    """The steps drawn: the phases of every complaint, and the events beyond them that terms start from or end with.

    Rounds with the customer are drawn where the procedure has them.
    """
    phases = map(str, phases_of(conciliates=procedure.conciliation is not None))
    named_by_terms = [event for term in procedure.terms for event in (term.from_event, term.to_events[0])]
    beyond = [event for event in dict.fromkeys(named_by_terms) if step_of(event) == event]
    before = [event for event in beyond if event == "incident"]
    return [*before, *phases, *(event for event in beyond if event not in before)]


def step_of(event: str) -> str:
    """The phase that an event belongs to; the event itself where it belongs to none."""
    if event == "received":
        return Phase.RECORD.value
    step = STEP_OF_EVENT.get(event)
    return step.phase.value if step and step.phase else event


def _clock(term: Term, steps: list[str]) -> dict[str, str | int]:
    first, last = (steps.index(step_of(event)) + 1 for event in (term.from_event, term.to_events[0]))
    return {
        "name": visible(label(term.label, term.label_en)),
        "amount": words.amount(term.amount, term.unit),
        "until": _("until: {events}").format(events=words.ends(term)),
        "stage": term.stage,
        "first": min(first, last),
        "last": max(first, last),
    }
