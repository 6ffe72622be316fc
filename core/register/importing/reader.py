"""Rows of a foreign file turned into drafts and steps: what each row says in our words, or what is wrong with it, by column."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from core.errors import Invalid, PopsError
from core.i18n import N_, gettext
from core.register.case.complaints import Step
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.importing.delimited import Delimited
from core.register.importing.mapping import ANYTHING_ELSE, CUSTOMER, MOMENTS, TEXTS, WORDS, ColumnMap, History, pieces
from core.rules.calendar import local_day
from core.rules.routes import Place, after, route
from core.rules.workflow import State

Cells = Mapping[str, str]
MAX_REFERENCE = 128


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was refused: its number (the header is row 1), the column, a sentence template and its values."""

    row: int
    column: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """The reason in the language in use."""
        return gettext(self.template).format(**self.values)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One complaint as the file tells it; ``row`` is its first row."""

    reference: str
    row: int
    draft: Draft
    steps: Sequence[Step] = ()


class Bad(Exception):
    """A row that cannot be used."""

    def __init__(self, row: int, column: str, template: str, **values: Any) -> None:
        self.problem = Problem(row, column, template, values)


class Reader:
    """One pass over a file; refused rows go to ``problems``, ``refused`` counts the complaints they cost."""

    def __init__(self, file: Delimited, mapping: ColumnMap, problems: list[Problem]) -> None:
        self.file, self.mapping, self.problems = file, mapping, problems
        self.refused = 0
        header = file.header()
        self._width = len(header)
        self._places = {name: header.index(name) for name in mapping.wanted()}
        self._rows_seen: dict[str, int] = {}

    def arrivals(self) -> Iterator[Arrival]:
        """The complaints of the file, in its order. One whose rows are not all usable is refused whole."""
        for rows in self._groups():
            try:
                yield self._arrival(rows)
            except Bad as bad:
                self._refuse(bad.problem)

    def refuse(self, arrival: Arrival, error: PopsError) -> None:
        """Note what the register had against a complaint, field by field, in the words of the file's columns."""
        fields = error.fields if isinstance(error, Invalid) else {}
        told = {name: sentence for name, sentence in fields.items() if sentence}
        problems = [
            Problem(arrival.row, self.mapping.column_of(name), sentence, error.values)
            for name, sentence in told.items()
        ]
        history = self.mapping.history
        where = history.state if history and arrival.steps else ""
        self._refuse(*(problems or [Problem(arrival.row, where, error.template, error.values)]))

    def _refuse(self, *problems: Problem) -> None:
        self.refused += 1
        self.problems.extend(problems)

    # rows

    def _groups(self) -> Iterator[list[tuple[int, Cells]]]:
        """The rows of each complaint: one, or with a history all that share a reference, in memory until the file's end."""
        if self.mapping.history is None:
            for row, cells in self._usable():
                yield [(row, cells)]
            return
        column = self.mapping.reference[0]
        groups: dict[str, list[tuple[int, Cells]]] = {}
        for row, cells in self._usable():
            groups.setdefault(cells[column], []).append((row, cells))
        while groups:
            yield groups.pop(next(iter(groups)))

    def _usable(self) -> Iterator[tuple[int, Cells]]:
        for row, raw in self.file.rows():
            if len(raw) == self._width:
                yield row, {name: self._cell(raw[place]) for name, place in self._places.items()}
            else:
                said = {"found": len(raw), "wanted": self._width}
                template = N_(
                    "The row has {found} cells where the header has {wanted}: look for a missing quote or comma."
                )
                self._refuse(Problem(row, "", template, said))

    def _cell(self, text: str) -> str:
        text = text.strip()
        return "" if text in self.mapping.missing else text

    def _arrival(self, rows: list[tuple[int, Cells]]) -> Arrival:
        row, cells = rows[0]
        reference = self._reference(row, cells)
        draft = self._draft(row, cells, reference)
        history = self.mapping.history
        return Arrival(reference, row, draft, self._steps(history, rows, draft) if history else ())

    def _reference(self, row: int, cells: Cells) -> str:
        parts = [cells[name] for name in self.mapping.reference]
        column = ", ".join(self.mapping.reference)
        if not any(parts):
            raise Bad(
                row, column, N_("The reference is empty: without it the row would come in again with every import.")
            )
        if not self.mapping.hashed and len(parts[0]) > MAX_REFERENCE:
            raise Bad(row, column, N_("The reference is longer than {most} characters."), most=MAX_REFERENCE)
        reference = _digest(parts) if self.mapping.hashed else parts[0]
        first = self._rows_seen.setdefault(reference, row)
        if first != row:
            raise Bad(row, column, N_("The same complaint stands in row {first} already."), first=first)
        return reference

    # a draft

    def _draft(self, row: int, cells: Cells, reference: str) -> Draft:
        given: dict[str, Any] = {}
        for name in (*WORDS, *TEXTS, *CUSTOMER):
            text = self._text(row, name, cells)
            if "\0" in text:
                raise Bad(row, self.mapping.column_of(name), N_("The text holds a NUL sign: the file is damaged here."))
            given[name] = text or (None if name in WORDS else "")
        for name in MOMENTS:
            given[name] = self._moment(row, self.mapping.columns.get(name), cells)
        if given["recorded_at"] is None:
            raise Bad(row, self.mapping.columns["recorded_at"], N_("The time of receipt is missing."))
        customer = CustomerDraft(**{name: given.pop(name) for name in CUSTOMER})
        given["channel"], given["category"] = given["channel"] or "", given["category"] or ""
        return Draft(
            **given,
            customer=customer,
            procedure=self.mapping.procedure,
            source=self.mapping.source,
            external_ref=reference,
        )

    def _text(self, row: int, name: str, cells: Cells) -> str:
        mapping = self.mapping
        if name in mapping.constants:
            return mapping.constants[name]
        if name in mapping.templates:
            return _filled(mapping.templates[name], cells)
        if name not in mapping.columns:
            return ""
        column = mapping.columns[name]
        return self._word(row, column, cells[column], mapping.values[name]) if name in mapping.values else cells[column]

    def _word(self, row: int, column: str, text: str, words: Mapping[str, str]) -> str:
        found = words.get(text, words.get(ANYTHING_ELSE))
        if found is None:
            template = N_("“{word}” has no meaning in the mapping: add it under its values, or “*” for any other word.")
            raise Bad(row, column, template, word=text[:60])
        return found

    def _moment(self, row: int, column: str | None, cells: Cells) -> datetime | None:
        if column is None or not cells[column]:
            return None
        for form in self.mapping.formats:
            try:
                read = datetime.strptime(cells[column], form)  # noqa: DTZ007 -- given its zone below
                return (read if read.tzinfo else read.replace(tzinfo=self.mapping.zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        template = N_("“{text}” is no time written as {forms}.")
        raise Bad(row, column, template, text=cells[column][:40], forms=" / ".join(self.mapping.formats))

    # a life

    def _steps(self, history: History, rows: list[tuple[int, Cells]], draft: Draft) -> list[Step]:
        """The steps that bring the complaint through the stages its rows show; those the file skips happen at the next it tells."""
        place: Place = (State.received, False)
        latest, steps = draft.recorded_at, list[Step]()
        for row, cells in rows:
            verbs = self._route(row, history, cells, place)
            if not verbs:
                continue
            at = self._moment(row, history.at, cells)
            if at is None:
                raise Bad(row, history.at, N_("The time of this step is missing."))
            if at < latest:
                raise Bad(
                    row,
                    history.at,
                    N_("This step is dated before the one it follows, or before the complaint was received."),
                )
            for verb in verbs:
                steps.append(Step(verb, at, _asked(verb, history, at)))
                place = after(place, verb)
            latest = at
        return steps

    def _route(self, row: int, history: History, cells: Cells, place: Place) -> Sequence[str]:
        word = cells[history.state]
        stage = history.stages.get(word)
        if stage is None:
            raise Bad(
                row,
                history.state,
                N_("“{word}” is no stage the mapping knows: add it under its stages."),
                word=word[:60],
            )
        verbs = route(place, stage)
        if verbs is None:
            template = N_("The procedure does not lead back to “{word}” from where the complaint stood.")
            raise Bad(row, history.state, template, word=word)
        return verbs


def _asked(verb: str, history: History, at: datetime) -> dict[str, Any]:
    fields = dict(history.fields.get(verb, {}))
    if "within_days" in fields:
        by_then = at + timedelta(days=fields.pop("within_days"))
        fields["due_at" if verb == "forward" else "chase_on"] = by_then if verb == "forward" else local_day(by_then)
    return fields


def _filled(template: str, cells: Cells) -> str:
    """The template with its columns; one that names a single column and finds it empty is empty itself."""
    parts = pieces(template)
    if not any(name and cells[name] for _, name in parts):
        return ""
    return "".join(text + (cells[name] or "–" if name else "") for text, name in parts)


def _digest(parts: Sequence[str]) -> str:
    """One name for the parts together; their lengths keep ("ab", "c") apart from ("a", "bc")."""
    said = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()[:32]
