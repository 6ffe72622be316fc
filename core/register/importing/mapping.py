"""What a foreign file's columns mean here: a mapping file, read and checked once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache, cached_property
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.register.importing.moments import Form, form, swapped
from core.rules.catalogue import KEY
from core.rules.checked import Checked, read_toml
from core.rules.routes import IMPORTABLE, STAGES
from core.rules.steps import STEPS
from core.rules.text import fold, nfc

MOMENTS = ("recorded_at", "sent_at", "incident_at")
WORDS = ("channel", "category", "product", "platform", "level", "branch")
TEXTS = ("statement", "remedy")
CUSTOMER = ("name", "phone", "email", "account")
FIELDS = (*MOMENTS, *WORDS, *TEXTS, *CUSTOMER)
DETAILS = "details"
"""The table in which each way names what a category must know; such a field is called ``details.KEY``."""
NEEDED = ("recorded_at", "channel", "category", "statement")
WAITS_UNTIL = frozenset({"due_at", "chase_on"})  # a step with one of these waits for somebody
MAX_WAIT = 366  # days
MAX_KEY = 32  # as wide as its column
STATUSES = ("open", "closed")
ANYTHING_ELSE = "*"


@dataclass(frozen=True)
class HistoryMap:
    """How a file of one row per event holds a history: the state a row shows, when, and which stage of ours that is.

    ``stages``: the file's word, folded → our stage. ``fields``: step → its fields that the file does not have, texts as
    they are. ``within_days``: step → days until the date by which it waits for somebody.
    """

    state: str
    at: str
    stages: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    within_days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusMap:
    """How a file of one row per complaint says whether it is closed, when nobody wrote down since when.

    ``words``: the column's word, folded → ``open`` or ``closed``.
    """

    column: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class ColumnMap:
    """One source: how its file is written and where each field of a complaint comes from.

    ``delimiter``: empty where the file's header decides. ``header_row``: the line its header begins on, 0 where it is
    to be found. ``columns``: field → column. ``constants``: field → value. ``templates``: field → text with
    ``{column}``. ``values``: field → (the file's word, folded → our key; ``*`` stands for any other). ``reference``:
    the columns that name a complaint for ever; one column is taken as it is, several (or ``hashed``) give a digest.
    ``detail_moments``: the ``details.KEY`` whose columns hold moments in the forms of the file. Every name of a column
    is as ``column_name`` gives it.
    """

    source: str
    procedure: str
    encoding: str
    delimiter: str
    header_row: int
    missing: frozenset[str]
    forms: tuple[Form, ...]
    zone: tzinfo
    reference: tuple[str, ...]
    hashed: bool
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    templates: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    status: StatusMap | None
    history: HistoryMap | None
    detail_moments: tuple[str, ...] = ()

    @cached_property
    def details(self) -> tuple[str, ...]:
        """The fields of categories that the file fills in, each as ``details.KEY``."""
        names = dict.fromkeys((*self.columns, *self.constants, *self.templates))
        return tuple(name for name in names if name.startswith(f"{DETAILS}."))

    def wanted(self) -> tuple[str, ...]:
        """Every column of the file that is read, each once."""
        names = [*self.reference, *self.columns.values()]
        names += [name for text in self.templates.values() for name in named_in(text)]
        if self.status:
            names.append(self.status.column)
        if self.history:
            names += [self.history.state, self.history.at]
        return tuple(dict.fromkeys(names))

    def moments(self) -> dict[str, tuple[str, ...]]:
        """Field that holds a moment (``at``: of a history's rows) → the columns it is read from."""
        found = {name: self.columns_of(name) for name in (*MOMENTS, *self.detail_moments)}
        if self.history:
            found["at"] = (self.history.at,)
        return {name: columns for name, columns in found.items() if columns}

    def columns_of(self, name: str) -> tuple[str, ...]:
        """The columns a field is read from; none for a constant."""
        if name in self.columns:
            return (self.columns[name],)
        return tuple(dict.fromkeys(named_in(self.templates.get(name, ""))))

    def column_of(self, name: str) -> str:
        """The column(s) a field comes from, for telling where to mend; the field itself when it is a constant."""
        return ", ".join(self.columns_of(name)) or name


def column_name(text: str) -> str:
    """The name of a column as it is compared: Unicode NFC, on one line, one blank between words."""
    return " ".join(nfc(text).split())


def named_in(template: str) -> list[str]:
    """The columns a template names."""
    return [name for _, name in pieces(template) if name]


@cache
def pieces(template: str) -> Sequence[tuple[str, str]]:
    """A template as (text, column after it); ValueError for anything but plain ``{column}``.

    What stands in a mapping must not reach Python's formats, which could read any attribute.
    """
    found = []
    for text, name, spec, conversion in Formatter().parse(template):
        if name == "" or spec or conversion:
            raise ValueError("only {column} may stand in braces")
        found.append((text, column_name(name or "")))
    return found


def parse(text: str, *, file: str) -> ColumnMap:
    """The mapping a TOML text describes; anything wrong raises ``Invalid`` naming file, key and reason."""
    top = read_toml(nfc(text), file)
    encoding, delimiter, header_row, missing = _file(top)
    forms, zone, detail_moments = _time(top)
    reference, hashed = _reference(top)
    columns, constants, templates = (_texts_by_field(top, key) for key in ("columns", "constants", "templates"))
    columns = {name: column_name(column) for name, column in columns.items()}
    _check_fields(top, columns, constants, templates)
    for name in detail_moments:
        if name not in columns and name not in templates:
            top.refuse(f"time.{name}", "must come from a column, or from several by a template")
    mapping = ColumnMap(
        source=_key(top, "source"),
        procedure=_key(top, "procedure") if top.has("procedure") else "",
        encoding=encoding,
        delimiter=delimiter,
        header_row=header_row,
        missing=missing,
        forms=forms,
        zone=zone,
        reference=reference,
        hashed=hashed,
        columns=columns,
        constants=constants,
        templates=templates,
        values=_values(top, columns),
        status=_status(top.table("status")) if top.has("status") else None,
        history=_history(top.table("history")) if top.has("history") else None,
        detail_moments=detail_moments,
    )
    top.done()
    if mapping.history and mapping.status:
        top.refuse("status", "has no place beside a history, which says when a complaint was closed")
    if mapping.history and hashed:
        top.refuse("reference", "of a file with a history must be one column that its rows share")
    return mapping


def _key(top: Checked, name: str) -> str:
    value = top.text(name)
    if len(value) > MAX_KEY:
        top.refuse(name, f"must be at most {MAX_KEY} characters")
    return value


def _file(top: Checked) -> tuple[str, str, int, frozenset[str]]:
    table = top.table("file") if top.has("file") else Checked("", "", {})
    encoding = table.text("encoding", "utf-8")
    try:
        "a".encode(encoding)  # a lookup alone would let through what turns bytes into bytes
    except (LookupError, ValueError):
        table.refuse("encoding", f"is not one this program knows: {encoding!r}")
    delimiter = table.text("delimiter", "")
    if len(delimiter) > 1 or (delimiter and delimiter in '"\r\n'):
        table.refuse("delimiter", f"must be one character such as , ; or a tab, not {delimiter!r}")
    header_row = table.integer("header_row", 1) if table.has("header_row") else 0
    missing = table.texts("missing", [])
    table.done()
    return encoding, delimiter, header_row, frozenset(("", *missing))


def _time(top: Checked) -> tuple[tuple[Form, ...], tzinfo, tuple[str, ...]]:
    table = top.table("time")
    texts, name = table.texts("formats"), table.text("zone")
    details = tuple(f"{DETAILS}.{key}" for key in table.texts(DETAILS, []))
    table.done()
    if not texts:
        table.refuse("formats", "must name at least one, such as %Y-%m-%d %H:%M")
    forms = []
    for text in texts:
        try:
            forms.append(form(text))
        except (ValueError, re.error):
            table.refuse("formats", f"must hold forms such as %Y-%m-%d %H:%M, not {text!r}")
    if pair := swapped(forms):
        one, other = (each.text for each in pair)
        table.refuse("formats", f"holds {one!r} and {other!r}, which read 3/11 as two days: keep the one of this file")
    try:
        return tuple(forms), ZoneInfo(name), details
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.refuse("zone", f"is no time zone: write it like Asia/Ho_Chi_Minh, not {name!r}")


def _reference(top: Checked) -> tuple[tuple[str, ...], bool]:
    table = top.table("reference")
    if table.has("column") == table.has("hash_of"):
        table.refuse("", "needs either `column` or `hash_of`")
    hashed = table.has("hash_of")
    names = table.texts("hash_of") if hashed else (table.text("column"),)
    table.done()
    if not names:
        table.refuse("hash_of", "must name the columns that tell one complaint from another")
    return tuple(map(column_name, names)), hashed


def _texts_by_field(top: Checked, key: str) -> dict[str, str]:
    if not top.has(key):
        return {}
    table = top.table(key)
    found = {name: table.text(name) for name in FIELDS if table.has(name)}
    if table.has(DETAILS):
        details = table.table(DETAILS)
        for name in details.left():
            if not KEY.fullmatch(name):
                details.refuse(name, "is no key of a field: lower-case letters, digits and _")
            found[f"{DETAILS}.{name}"] = details.text(name)
    table.done()
    return found


def _check_fields(top: Checked, *ways: Mapping[str, str]) -> None:
    _, constants, templates = ways
    for name in dict.fromkeys((*FIELDS, *(name for way in ways for name in way))):
        if sum(name in way for way in ways) > 1:
            top.refuse(name, "is given more than once: as a column, a constant or a template")
    for name in NEEDED:
        if not any(name in way for way in ways):
            top.refuse(name, "is given nowhere: name its column, or a constant")
    for name, text in templates.items():
        try:
            named = named_in(text)
        except ValueError as broken:
            top.refuse(f"templates.{name}", f"is not a template: {broken}")
        if name in MOMENTS and not named:
            top.refuse(f"templates.{name}", "must name the columns that the moment is made of")
    for name in MOMENTS:
        if name in constants:
            top.refuse(name, "must come from a column, or from several by a template")


def _values(top: Checked, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    if not top.has("values"):
        return {}
    table = top.table("values")
    found = {}
    for name in WORDS:
        if table.has(name):
            if name not in columns:
                table.refuse(name, "maps the words of a column, but no column is named for it")
            found[name] = _words(table.table(name))
    if table.has(DETAILS):
        details = table.table(DETAILS)
        for key in details.left():
            if (name := f"{DETAILS}.{key}") not in columns:
                details.refuse(key, "maps the words of a column, but no column is named for it")
            found[name] = _words(details.table(key))
    table.done()
    return found


def _words(table: Checked, known: Collection[str] | None = None) -> dict[str, str]:
    """The words of a column, folded as its cells will be, with our keys (of ``known``); one word has one meaning."""
    spelt: dict[str, tuple[str, str]] = {}
    for word, key in table.pairs().items():
        if known is not None and key not in known:
            table.refuse(word, f"must be one of {', '.join(known)}, not {key!r}")
        other, its_key = spelt.setdefault(fold(word), (word, key))
        if its_key != key:
            table.refuse(word, f"means {key!r}, but {other!r} means {its_key!r}: case, accents and spaces do not count")
    return {folded: key for folded, (_, key) in spelt.items()}


def _status(table: Checked) -> StatusMap:
    status = StatusMap(column_name(table.text("column")), _words(table.table("values"), STATUSES))
    table.done()
    return status


def _history(table: Checked) -> HistoryMap:
    stages = _words(table.table("stages"), STAGES)
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
    state, at = column_name(table.text("state")), column_name(table.text("at"))
    history = HistoryMap(state, at, stages, fields, within_days)
    table.done()
    return history


def _days(table: Checked) -> int:
    """Within how many days the step waits for somebody."""
    days = table.integer("within_days", 1)
    if days > MAX_WAIT:
        table.refuse("within_days", f"must be at most {MAX_WAIT}")
    return days
