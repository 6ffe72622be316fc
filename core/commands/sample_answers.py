"""Which answer texts the sample's colleagues used, filled in as the forms of steps would have filled them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

from core.i18n import due_words
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.reads.answer_fields import CUSTOMERS_READ, RESOLVE, UNKNOWN_NAME
from core.rules import answer_text, clocks
from core.rules.answer_text import Text
from core.rules.calendar import BeyondCalendar, WorkCalendar
from core.rules.catalogue import Catalogue
from core.rules.procedure import Procedure

CODE = "{code}"
"""What stands for the code in the sample's texts until the complaint is written."""
USED, ADDED_TO = 0.6, 0.2  # how often a text is used, of those how often something is added to it


class Answers:
    """The approved texts of the register, by their names (``key@version``)."""

    def __init__(
        self,
        texts: Mapping[str, Text],
        additions: Sequence[str],
        categories: Catalogue,
        procedure: Procedure,
        calendar: WorkCalendar,
    ) -> None:
        self.texts, self.additions = texts, additions
        self.categories, self.procedure, self.calendar = categories, procedure, calendar
        self.chance = Random(0)  # noqa: S311 -- a sample has to be repeatable
        self._best: dict[tuple[object, ...], str | None] = {}

    def fields(
        self, step: str, draft: Draft, own: str, at: datetime, holder: str, kept_to: frozenset[str] | None = None
    ) -> StepFields:
        """What a customer is told in ``step``: ``own`` words, or a text that fits, which the event then names.

        What a text leaves to be filled in by hand is ``own``; where it asks for more than that, ``own`` was written
        over it. ``kept_to``: keys of the only texts that would say the same as ``own``; None for all.
        """
        where = draft.category, step, draft.channel, kept_to
        if where not in self._best:
            self._best[where] = self._best_of(*where)
        name = self._best[where]
        if name is None or self.chance.random() > USED:
            return StepFields(text=own)
        deadline = self._deadline(draft, at) if step == "acknowledge" else ""
        values = {"name": draft.customer.name or UNKNOWN_NAME, "code": CODE, "deadline": deadline, "holder": holder}
        said = answer_text.filled(self.texts[name].body, values)
        gaps = [gap for gap in answer_text.left_open(said) if gap != CODE]
        if len(gaps) > 1 or any(gap.startswith("{") for gap in gaps):
            return StepFields(text=own, answer_text=name)
        for gap in gaps:
            said = said.replace(gap, own.rstrip("."))
        if not gaps and self.chance.random() < ADDED_TO:
            said = f"{said}\n{self.chance.choice(self.additions)}"
        return StepFields(text=said, answer_text=name)

    def _best_of(self, category: str, step: str, channel: str, kept_to: frozenset[str] | None) -> str | None:
        """The text that fits best; None where none does."""
        fitting = [
            name
            for name, text in self.texts.items()
            if answer_text.fits(text, self.categories, category=category, step=step, channel=channel)
            and (kept_to is None or name.partition("@")[0] in kept_to)
        ]
        return max(fitting, key=lambda one: self.texts[one].narrowed_by, default=None)

    def _deadline(self, draft: Draft, at: datetime) -> str:
        """When the result is due for a complaint that is acknowledged ``at``; empty beyond the calendar's years."""
        term = next((term for term in self.procedure.terms if term.stage == RESOLVE), None)
        if term is None:
            return ""
        since = at if term.from_event == "acknowledged" else draft.recorded_at
        try:
            starts = clocks.starts_counting(term, self.calendar, since)
            return due_words(clocks.due(term, self.calendar, starts), CUSTOMERS_READ)
        except BeyondCalendar:
            return ""
