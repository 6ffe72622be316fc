"""The rows of one complaint turned into the steps that bring it through the stages they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from core.i18n import N_
from core.register.case.complaints import PastStep
from core.register.case.steps.recording import StepFields
from core.register.importing.cells import MappedRow
from core.register.importing.mapping import HistoryMap
from core.register.importing.problems import BadRow
from core.rules.calendar import local_day
from core.rules.routes import START, Place, after, route
from core.rules.steps import STEPS
from core.rules.text import fold


def steps_of(history: HistoryMap, rows: Sequence[MappedRow], recorded_at: datetime) -> list[PastStep]:
    """The steps of the complaint; those that the file skips happen at the next moment it names.

    Raises BadRow for an unknown stage, a stage the procedure does not lead to, a missing time, or one before the step
    before it.
    """
    place, latest = START, recorded_at
    steps: list[PastStep] = []
    for row in rows:
        keys = _route(history, row, place)
        if not keys:
            continue
        latest = _moment(history, row, latest)
        for key in keys:
            steps.append(PastStep(key, latest, _fields(history, key, latest)))
            place = after(place, key)
    return steps


def _route(history: HistoryMap, row: MappedRow, place: Place) -> Sequence[str]:
    word = row.cells[history.state]
    stage = history.stages.get(fold(word))
    if stage is None:
        template = N_("“{word}” is no stage the mapping knows: add it under its stages.")
        raise BadRow(row.line, history.state, template, word=word[:60])
    keys = route(place, stage)
    if keys is None:
        template = N_("The procedure does not lead back to “{word}” from where the complaint stood.")
        raise BadRow(row.line, history.state, template, word=word)
    return keys


def _moment(history: HistoryMap, row: MappedRow, latest: datetime) -> datetime:
    at = row.moment("at")
    if at is None:
        raise BadRow(row.line, history.at, N_("The time of this step is missing."))
    if at < latest:
        template = N_("This step is dated before the one it follows, or before the complaint was received.")
        raise BadRow(row.line, history.at, template)
    return at


def _fields(history: HistoryMap, key: str, at: datetime) -> StepFields:
    """The fields that the mapping sets for the step, and the date by which it waits for somebody."""
    fields = cast("StepFields", dict(history.fields.get(key, {})))
    if key in history.within_days:
        until = at + timedelta(days=history.within_days[key])
        if "due_at" in STEPS[key].field_names():
            fields["due_at"] = until
        else:
            fields["chase_on"] = local_day(until)
    return fields
