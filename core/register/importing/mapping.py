"""What a foreign file's columns mean here: a mapping file, read and checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.rules.checked import Checked, read_toml
from core.rules.routes import IMPORTABLE, STAGES
from core.rules.steps import STEPS

MOMENTS = ("recorded_at", "sent_at", "incident_at")
WORDS = ("channel", "category", "product", "platform", "level")
TEXTS = ("statement", "remedy")
CUSTOMER = ("name", "phone", "email", "account")
FIELDS = (*MOMENTS, *WORDS, *TEXTS, *CUSTOMER)
NEEDED = ("recorded_at", "channel", "category", "statement")
WAITS_UNTIL = frozenset({"due_at", "chase_on"})  # a step with one of these waits for somebody
MAX_WAIT = 366  # days
MAX_KEY = 32  # as wide as its column
_SOME_TIME = datetime(2026, 11, 20, 16, 2, 31, tzinfo=UTC)
ANYTHING_ELSE = "*"


@dataclass(frozen=True)
class HistoryMap:
    """How a file of one row per event holds a history: the state a row shows, when, and which stage of ours that is.

    ``fields``: step → its fields that the file does not have, texts as they are. ``within_days``: step → days
    until the date by which it waits for somebody.
    """

    state: str
    at: str
    stages: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    within_days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnMap:
    """One source: how its file is written and where each field of a complaint comes from.

    ``columns``: field → column. ``constants``: field → value. ``templates``: field → text with ``{column}``.
    ``values``: field → (the file's word → our key; ``*`` stands for any other). ``reference``: the columns that name a
    complaint for ever; one column is taken as it is, several (or ``hashed``) give a digest.
    """

    source: str
    procedure: str
    encoding: str
    delimiter: str
    missing: frozenset[str]
    formats: tuple[str, ...]
    zone: tzinfo
    reference: tuple[str, ...]
    hashed: bool
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    templates: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    history: HistoryMap | None

    def wanted(self) -> tuple[str, ...]:
        """Every column of the file that is read, each once."""
        names = [*self.reference, *self.columns.values()]
        names += [name for text in self.templates.values() for name in named_in(text)]
        if self.history:
            names += [self.history.state, self.history.at]
        return tuple(dict.fromkeys(names))

    def column_of(self, name: str) -> str:
        """The column(s) a field comes from, for telling where to mend; the field itself when it is a constant."""
        if name in self.columns:
            return self.columns[name]
        return ", ".join(dict.fromkeys(named_in(self.templates.get(name, "")))) or name


def named_in(template: str) -> list[str]:
    """The columns a template names."""
    return [name for _, name in pieces(template) if name]


def pieces(template: str) -> list[tuple[str, str]]:
    """A template as (text, column after it); ValueError for anything but plain ``{column}``.

    What stands in a mapping must not reach Python's formats, which could read any attribute.
    """
    found = []
    for text, name, form, conversion in Formatter().parse(template):
        if name == "" or form or conversion:
            raise ValueError("only {column} may stand in braces")
        found.append((text, name or ""))
    return found


def parse(text: str, *, file: str) -> ColumnMap:
    """The mapping a TOML text describes; anything wrong raises ``Invalid`` naming file, key and reason."""
    top = read_toml(text, file)
    encoding, delimiter, missing = _file(top)
    formats, zone = _time(top)
    reference, hashed = _reference(top)
    columns, constants, templates = (_texts_by_field(top, key) for key in ("columns", "constants", "templates"))
    _check_fields(top, columns, constants, templates)
    mapping = ColumnMap(
        source=_key(top, "source"),
        procedure=_key(top, "procedure"),
        encoding=encoding,
        delimiter=delimiter,
        missing=missing,
        formats=formats,
        zone=zone,
        reference=reference,
        hashed=hashed,
        columns=columns,
        constants=constants,
        templates=templates,
        values=_values(top, columns),
        history=_history(top.table("history")) if top.has("history") else None,
    )
    top.done()
    if mapping.history and hashed:
        top.refuse("reference", "of a file with a history must be one column that its rows share")
    return mapping


def _key(top: Checked, name: str) -> str:
    value = top.text(name)
    if len(value) > MAX_KEY:
        top.refuse(name, f"must be at most {MAX_KEY} characters")
    return value


def _file(top: Checked) -> tuple[str, str, frozenset[str]]:
    table = top.table("file") if top.has("file") else Checked("", "", {})
    encoding = table.text("encoding", "utf-8")
    try:
        "a".encode(encoding)  # a lookup alone would let through what turns bytes into bytes
    except (LookupError, ValueError):
        table.refuse("encoding", f"is not one this program knows: {encoding!r}")
    delimiter = table.text("delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        table.refuse("delimiter", f"must be one character such as , ; or a tab, not {delimiter!r}")
    missing = table.texts("missing", [])
    table.done()
    return encoding, delimiter, frozenset(("", *missing))


def _time(top: Checked) -> tuple[tuple[str, ...], tzinfo]:
    table = top.table("time")
    formats, name = table.texts("formats"), table.text("zone")
    table.done()
    if not formats:
        table.refuse("formats", "must name at least one, such as %Y-%m-%d %H:%M")
    for form in formats:
        if not _reads_times(form):
            table.refuse("formats", f"must hold forms such as %Y-%m-%d %H:%M, not {form!r}")
    try:
        return formats, ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.refuse("zone", f"is no time zone: write it like Asia/Ho_Chi_Minh, not {name!r}")


def _reads_times(form: str) -> bool:
    try:
        datetime.strptime(_SOME_TIME.strftime(form), form)  # noqa: DTZ007 -- only tried
    except (ValueError, re.error):
        return False
    return True


def _reference(top: Checked) -> tuple[tuple[str, ...], bool]:
    table = top.table("reference")
    if table.has("column") == table.has("hash_of"):
        table.refuse("", "needs either `column` or `hash_of`")
    hashed = table.has("hash_of")
    names = table.texts("hash_of") if hashed else (table.text("column"),)
    table.done()
    if not names:
        table.refuse("hash_of", "must name the columns that tell one complaint from another")
    return names, hashed


def _texts_by_field(top: Checked, key: str) -> dict[str, str]:
    if not top.has(key):
        return {}
    table = top.table(key)
    found = {name: table.text(name) for name in FIELDS if table.has(name)}
    table.done()
    return found


def _check_fields(top: Checked, *ways: Mapping[str, str]) -> None:
    _, constants, templates = ways
    for name in FIELDS:
        if sum(name in way for way in ways) > 1:
            top.refuse(name, "is given more than once: as a column, a constant or a template")
    for name in NEEDED:
        if not any(name in way for way in ways):
            top.refuse(name, "is given nowhere: name its column, or a constant")
    for name in MOMENTS:
        if name in constants or name in templates:
            top.refuse(name, "must come from a column")
    for name, text in templates.items():
        try:
            named_in(text)
        except ValueError as broken:
            top.refuse(f"templates.{name}", f"is not a template: {broken}")


def _values(top: Checked, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    if not top.has("values"):
        return {}
    table = top.table("values")
    found = {}
    for name in WORDS:
        if table.has(name):
            if name not in columns:
                table.refuse(name, "maps the words of a column, but no column is named for it")
            found[name] = table.table(name).pairs()
    table.done()
    return found


def _history(table: Checked) -> HistoryMap:
    stages = table.table("stages").pairs()
    for word, stage in stages.items():
        if stage not in STAGES:
            table.refuse(f"stages.{word}", f"must be one of {', '.join(STAGES)}, not {stage!r}")
    fields, within_days = {}, {}
    if table.has("fields"):
        steps = table.table("fields")
        for key in IMPORTABLE:
            if steps.has(key):
                its = steps.table(key)
                if WAITS_UNTIL & STEPS[key].field_names():
                    within_days[key] = _days(its)
                fields[key] = its.pairs()
        steps.done()
    history = HistoryMap(table.text("state"), table.text("at"), stages, fields, within_days)
    table.done()
    return history


def _days(table: Checked) -> int:
    """Within how many days the step waits for somebody."""
    days = table.integer("within_days", 1)
    if days > MAX_WAIT:
        table.refuse("within_days", f"must be at most {MAX_WAIT}")
    return days
