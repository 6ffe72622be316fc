"""The data dictionary: every column an export or the explore table can have, declared once.

Labels and meanings are in ``core/locale/*/names.po`` under ``column`` and ``meaning of a column``. Beside them stands a
column ``field_KEY`` for each key of what the categories in use must know, shared by all categories that name that key,
since a value stays with a complaint that moves from one of them to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.i18n import label, named
from core.insight import dimensions
from core.insight.dimensions import FIELD
from core.insight.verdicts import is_among
from core.papers.masks import Mask, by_cell, hidden, nothing
from core.rules import masking
from core.rules.catalogue import Catalogue, Field
from core.rules.details import fields_of
from core.rules.verdicts import BROKEN

Kind = Literal["text", "code", "moment", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key for ever, what its cells are, and where they come from.

    ``kind``: ``code`` is a key of ``dimension`` (its own key unless given), ``moment`` UTC here and local time in a
    file, ``number`` whole numbers only, so that no decimal sign can be misread. The cells come from ``sql``, an
    expression over the tables that ``rows.JOINED`` joins; or from ``of_cycles``, which sums up the SLA cycles of a
    complaint; or else from the column of the facts with this key. ``mask``: what a role that may not know the person
    gets instead, None for what everybody may read; ``sql_masked``, where given, is what such a role gets the cells
    from. ``is_of_staff``: it names a colleague, whom other roles know than the customer. ``obligation``: only where
    each row is an obligation. ``is_long``: a text that wants room. ``is_dialled``: digits that a spreadsheet would take
    for a number. ``is_listed``: a cell holds several keys. ``fields``: of a value of the categories, (key of the
    category, its field), read as it is kept; ``named_by``: those of them that name it.
    """

    key: str
    kind: Kind = "text"
    dimension: str = ""
    sql: str = ""
    sql_masked: str = ""
    of_cycles: pl.Expr | None = field(default=None, compare=False)
    mask: Mask | None = None
    is_of_staff: bool = False
    obligation: bool = False
    is_long: bool = False
    is_dialled: bool = False
    is_listed: bool = False
    fields: tuple[tuple[str, Field], ...] = ()
    named_by: tuple[Field, ...] = ()

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        if self.fields:
            return dimensions.titled(self.named_by or (field for _category, field in self.fields))
        return named("column", self.key)

    @property
    def meaning(self) -> str:
        """What its cells mean, a sentence in the reader's language."""
        if self.fields:
            known = catalogues().categories
            asked_by = ", ".join(name_of(known, category) for category, field in self.fields if not field.retired)
            if not asked_by:
                return _("What is known of it; it is asked for no more.")
            template = _("What is known of it, in đồng; asked for by: {categories}.")
            template = template if self.is_money else _("What is known of it; asked for by: {categories}.")
            return template.format(categories=asked_by)
        return named("meaning of a column", self.key)

    @property
    def is_money(self) -> bool:
        """Whether its cells are amounts in đồng, which can be added up."""
        return bool(self.fields) and all(field.type == "money" for _category, field in self.fields)

    @property
    def from_register(self) -> bool:
        """Whether it is read from the register row by row; everything else is in the facts."""
        return bool(self.sql)


def _first(stage: str, value: pl.Expr) -> pl.Expr:
    """``value`` of the first cycle of a stage; re-openings leave it alone (D6)."""
    return value.filter((pl.col("stage") == stage) & (pl.col("number") == 1)).first()


def _each_issue(column: str) -> str:
    """What is said of each further issue (D34), in their order."""
    its = f"SELECT COALESCE({column}, '–') AS said FROM issues WHERE complaint_id = c.id ORDER BY number"  # noqa: S608
    return f"(SELECT string_agg(i.said, '{BETWEEN}') FROM ({its}) i)"  # noqa: S608 (a column of the table)


BETWEEN = ", "
"""What stands between the keys of a cell that holds several."""
KINDS: Mapping[str, Kind] = {
    "text": "text", "number": "number", "money": "number", "moment": "moment", "choice": "code",
}  # fmt: skip
"""Type of a field → kind of its column."""
VALUE = (
    "(SELECT COALESCE(v.value, e.body) FROM details v LEFT JOIN evidence e ON e.id = v.evidence_id"
    " WHERE v.complaint_id = c.id AND v.field = '{key}')"
)
"""The value of the field ``key``, which holds letters, digits and _ alone."""
VALUE_MASKED = "(SELECT COALESCE(v.value, '…') FROM details v WHERE v.complaint_id = c.id AND v.field = '{key}')"
"""The same with ``masking.HIDDEN`` for what was recorded as personal, whatever the list says of the field now."""
PHONE = "CASE WHEN u.phone_key LIKE '84%' THEN '0' || substr(u.phone_key, 3) ELSE u.phone END"
"""Numbers of Vietnam in one shape, however they were typed; any other as it was."""
MINUTES = pl.col("working_seconds") // 60
COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("code"),
        Column("stage", "code", obligation=True),
        Column("cycle", "number", obligation=True),
        Column("starts_at", "moment", obligation=True),
        Column("due_at", "moment", obligation=True),
        Column("stopped_at", "moment", obligation=True),
        Column("minutes", "number", obligation=True),
        Column("verdict", "code", obligation=True),
        Column("counted", "code", "verdict", obligation=True),
        Column("verdict_before", "code", "verdict", obligation=True),
        Column("target", obligation=True),
        Column("kind", "code"),
        Column("category", "code"),
        Column("subcategory", "code"),
        Column("level", "code"),
        Column("channel", "code"),
        Column("product", "code"),
        Column("platform", "code"),
        Column("branch", "code"),
        Column("procedure", "code"),
        Column("state", "code"),
        Column("department", "code"),
        Column("assignee", sql="p.name", mask=by_cell(masking.mask_name), is_of_staff=True),
        Column("recorded_at", "moment"),
        Column("sent_at", "moment", sql="c.sent_at"),
        Column("incident_at", "moment"),
        Column("incident", sql="c.incident"),
        Column("acknowledged_at", "moment"),
        Column("resolved_at", "moment"),
        Column("closed_at", "moment"),
        Column("acknowledge_due_at", "moment", of_cycles=_first("acknowledge", pl.col("due_at"))),
        Column("acknowledge_verdict", "code", "verdict", of_cycles=_first("acknowledge", pl.col("verdict"))),
        Column("acknowledge_minutes", "number", of_cycles=_first("acknowledge", MINUTES)),
        Column("resolve_due_at", "moment", of_cycles=_first("resolve", pl.col("due_at"))),
        Column("resolve_verdict", "code", "verdict", of_cycles=_first("resolve", pl.col("verdict"))),
        Column("resolve_minutes", "number", of_cycles=_first("resolve", MINUTES)),
        Column("broken", "number", of_cycles=is_among(pl.col("verdict"), BROKEN).sum().cast(pl.Int64)),
        Column("outcome", "code"),
        Column("root_cause", "code"),
        Column("breach_reason", "code"),
        Column("issues", "code", "category", sql=_each_issue("category"), is_listed=True),
        Column("issue_outcomes", "code", "outcome", sql=_each_issue("outcome"), is_listed=True),
        Column("issue_causes", "code", "root_cause", sql=_each_issue("root_cause"), is_listed=True),
        Column("reopened", "number", sql="c.reopened"),
        Column("rounds", "number", sql="c.rounds"),
        Column("customer_name", sql="u.name", mask=by_cell(masking.mask_name)),
        Column("phone", sql=PHONE, mask=by_cell(masking.mask_phone), is_dialled=True),
        Column("email", sql="u.email", mask=by_cell(masking.mask_email)),
        Column("account", sql="u.account", mask=by_cell(masking.mask_account)),
        Column("statement", sql="s.body", mask=hidden, is_long=True),
        Column("remedy", sql="r.body", mask=hidden, is_long=True),
        Column("source", sql="c.source"),
        Column("external_ref", sql="c.external_ref"),
        Column("merged_into", sql="c.merged_into"),
    )
}
UNTIMED = Column("closed_untimed", "number")
"""Beside ``closed_at``, never shown: whether it is closed and nobody knows since when (D30)."""
USUAL = (
    "code",
    "recorded_at",
    "channel",
    "category",
    "kind",
    "product",
    "state",
    "department",
    "acknowledge_due_at",
    "acknowledge_verdict",
    "resolve_due_at",
    "resolve_verdict",
    "closed_at",
    "outcome",
    "root_cause",
    "breach_reason",
)
USUAL_OBLIGATION = (
    "code",
    "stage",
    "verdict",
    "counted",
    "target",
    "starts_at",
    "due_at",
    "stopped_at",
    "minutes",
    "category",
    "channel",
    "department",
    "state",
    "breach_reason",
)


def usual(*, obligations: bool, category: str | None = None) -> tuple[str, ...]:
    """The columns shown until others are chosen; of rows of one ``category`` what it must know too."""
    fields = fields_of(catalogues().categories, category or "")
    return (*(USUAL_OBLIGATION if obligations else USUAL), *(f"{FIELD}{key}" for key in fields))


def known(*, obligations: bool, category: str | None = None) -> dict[str, Column]:
    """The columns that rows of obligations, or of complaints, can have; in the order of the dictionary.

    ``category``: the one that all rows have (``Filter.one_category``), which names what it must know.
    """
    columns = {key: column for key, column in COLUMNS.items() if obligations or not column.obligation}
    categories = catalogues().categories
    fields = of_fields(categories)
    for one in fields_of(categories, category or "", retired=True).values():
        fields[f"{FIELD}{one.key}"] = replace(fields[f"{FIELD}{one.key}"], named_by=(one,))
    return columns | fields


def of_fields(categories: Catalogue) -> dict[str, Column]:
    """A column for each key of what ``categories`` must know, no longer offered ones included, in their order."""
    found: dict[str, list[tuple[str, Field]]] = {}
    for entry in categories.values():
        for one in entry.fields:
            found.setdefault(one.key, []).append((entry.key, one))
    return {f"{FIELD}{key}": _of_field(key, tuple(fields)) for key, fields in found.items()}


def _of_field(key: str, fields: tuple[tuple[str, Field], ...]) -> Column:
    kinds = {KINDS[field.type] for _category, field in fields}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "text"
    mask = (hidden if kind in ("text", "code") else nothing) if any(field.personal for _, field in fields) else None
    return Column(
        f"{FIELD}{key}",
        kind,
        sql=VALUE.format(key=key),
        sql_masked=VALUE_MASKED.format(key=key),
        mask=mask,
        is_dialled=kind == "text",
        fields=fields,
    )


def chosen(keys: Iterable[str], *, obligations: bool, category: str | None = None) -> tuple[Column, ...]:
    """The columns of these keys as ordered, each once; unknown keys are skipped; the usual ones if none is left.

    ``category`` as in ``known``.
    """
    columns = known(obligations=obligations, category=category)
    found = tuple(columns[key] for key in dict.fromkeys(keys) if key in columns)
    return found or tuple(columns[key] for key in usual(obligations=obligations, category=category))


def names(column: Column) -> dict[str, str]:
    """Key → name in the reader's language, for the cells of a ``code`` column."""
    if column.fields:
        choices = (choice for _category, field in reversed(column.fields) for choice in field.choices)
        return {choice.key: label(choice.vi, choice.en) for choice in choices}
    dimension = column.dimension or column.key
    source = dimensions.get(dimension).source
    if column.is_listed and callable(source):  # as they were said: merged entries and sub-categories too
        return {key: dimensions.name_of(dimension, key) for key in source(catalogues())}
    return {key: dimensions.name_of(dimension, key) for key in dimensions.keys(dimension)}
