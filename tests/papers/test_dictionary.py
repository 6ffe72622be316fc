"""Every column of the data dictionary: named, explained, drawn, exported, on both engines; no column forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.exceptions import PolarsError
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from core import i18n
from core.commands import sample
from core.insight import dimensions, facts
from core.insight.slices import Slice
from core.papers import csv, rows
from core.papers.csv import Words
from core.papers.dictionary import COLUMNS, Column, known, names, usual
from core.papers.masks import BLANKS, hidden
from core.papers.rows import Selection
from core.register.log.database import Register
from core.rules import masking
from core.ui.analysis import explore

UNTIL = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
ALL_TIME = {"period": "custom", "from": "2015-01-01", "to": "2027-12-31"}
OF = ("recorded", "due")
OF_A_PERSON = r"\b[usr]\."  # customer, statement, remedy of ``rows.JOINED``
DTYPES = {
    "text": (pl.String,),
    "code": (pl.String, pl.Enum),  # or a categorical, each with codes of its own
    "number": (pl.Int64, pl.Int32),
    "moment": (pl.Datetime("us", "UTC"),),
}


def undeclared(column: Column) -> Iterator[str]:
    """What a declaration lacks, one line each."""
    for language in i18n.LANGUAGES:
        i18n.use(language)
        if column.label == column.key:
            yield f"{column.key}: no label in {language}"
        if column.meaning == column.key:
            yield f"{column.key}: no meaning in {language}"
    if column.kind == "code" and (column.dimension or column.key) not in dimensions.DIMENSIONS:
        yield f"{column.key}: codes of no dimension"
    if column.mask and not column.from_register:
        yield f"{column.key}: personal data in the facts"
    if re.search(OF_A_PERSON, column.sql) and column.mask is None:
        yield f"{column.key}: personal data without a mask"
    if explore.config(column)["label"] != column.label:
        yield f"{column.key}: not drawn on the explore page"


def unreadable(register: Register, selection: Selection, column: Column) -> Iterator[str]:
    """Where the cells of a column do not come out, one line each.

    Order, masks, page and file are made of what the database brings, so they are tried on one engine: PostgreSQL takes
    ten times as long to be connected to.
    """
    code = COLUMNS["code"]
    every = register.engine.dialect.name == "sqlite"
    ways = ([column], [code, column], [column, code]) if every else ([code, column],)
    for wanted in ([column],) if column is code else ways:
        for whole in (True, False) if every else (True,):
            try:
                yield from _mistyped(register, selection, wanted, whole=whole)
                if every:
                    yield from _unshown(register, selection, wanted, whole=whole)
            except (PolarsError, SQLAlchemyError) as problem:
                yield f"{[one.key for one in wanted]}: {type(problem).__name__}: {problem}"


def _mistyped(register: Register, selection: Selection, wanted: list[Column], *, whole: bool) -> Iterator[str]:
    keys = [column.key for column in wanted]
    came = 0
    for frame in rows.stretches(register, selection, wanted, whole=whole, size=40):
        came += len(frame)
        if frame.columns != keys:
            yield f"{keys}: {frame.columns} came"
        for column in wanted:
            dtype = frame.schema[column.key]
            if dtype not in DTYPES[column.kind] and not (column.kind == "code" and isinstance(dtype, pl.Categorical)):
                yield f"{column.key}: {frame.schema[column.key]} is no {column.kind}"
    if came != selection.count:
        yield f"{keys}: {came} of {selection.count} rows came"


def _unshown(register: Register, selection: Selection, wanted: list[Column], *, whole: bool) -> Iterator[str]:
    keys = [column.key for column in wanted]
    shown = rows.page(register, selection, wanted, whole=whole, at=range(20))
    if list(shown.columns) != keys or len(shown) != min(20, selection.count):
        yield f"{keys}: the page does not show it"
    pieces = csv.write(rows.stretches(register, selection, wanted, whole=whole), Words(wanted, "label"))
    if b"".join(pieces).count(b"\r\n") <= selection.count:
        yield f"{keys}: rows are missing in the file"


@pytest.fixture
def filled(register: Register) -> Register:
    sample.fill(register, 60, UNTIL, seed=2)
    return register


def selected(register: Register, of: str) -> Selection:
    slice = Slice.from_query({"of": of, **ALL_TIME}, date(2026, 11, 20))
    return rows.Selection(facts.current(register), slice, UNTIL)


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_every_column_is_declared_whole(column: Column) -> None:
    found = list(undeclared(column))
    assert not found, "\n".join(found)


def test_every_column_comes_out_alone_and_beside_the_code(filled: Register) -> None:
    found: list[str] = []
    for of in OF:
        selection = selected(filled, of)
        assert selection.count
        for column in known(obligations=selection.of_obligations).values():
            found += [f"{of} {line}" for line in unreadable(filled, selection, column)]
    assert not found, "\n".join(found)


def test_a_column_without_any_value_keeps_its_type(register: Register) -> None:
    """A register whose only complaint knows no customer, moment of sending or colleague."""
    sample.fill(register, 1, UNTIL, seed=1)
    with register.write() as session:
        for table, column in (("complaints", "sent_at"), ("complaints", "assignee_id"), ("complaints", "customer_id")):
            session.execute(sql(f"UPDATE {table} SET {column} = NULL"))
    selection = selected(register, "recorded")
    found = [line for column in known(obligations=False).values() for line in unreadable(register, selection, column)]
    assert not found, "\n".join(found)


# What is broken on purpose: the declaration, what is to be named.
FORGOTTEN = [
    (Column("mood"), "mood: no label in vi"),
    (Column("mood"), "mood: no meaning in en"),
    (Column("mood", "code"), "mood: codes of no dimension"),
    (replace(COLUMNS["phone"], sql=""), "phone: personal data in the facts"),
    (replace(COLUMNS["phone"], mask=None), "phone: personal data without a mask"),
    (Column("contact", sql="COALESCE(u.phone, c.source)"), "contact: personal data without a mask"),
]


@pytest.mark.parametrize(("column", "line"), FORGOTTEN, ids=[row[1] for row in FORGOTTEN])
def test_what_a_declaration_lacks_is_named(column: Column, line: str) -> None:
    assert line in list(undeclared(column))


UNREADABLE = [
    (Column("mood"), "ColumnNotFound", "neither in the facts nor anywhere else"),
    (replace(COLUMNS["reopened"], kind="text"), "", "a number can be read as a text"),
    (replace(COLUMNS["phone"], kind="number"), "phone", "a text is no number"),
    (replace(COLUMNS["minutes"], kind="text"), "minutes: Int32 is no text", "a number of the facts declared a text"),
]


@pytest.mark.parametrize(("column", "line", "why"), UNREADABLE, ids=[row[2] for row in UNREADABLE])
def test_what_cannot_be_read_is_named(sqlite_register: Register, column: Column, line: str, why: str) -> None:
    sample.fill(sqlite_register, 30, UNTIL, seed=2)
    found = list(unreadable(sqlite_register, selected(sqlite_register, "due"), column))
    assert bool(found) is bool(line), why
    assert line in "\n".join(found), why


def test_the_usual_columns_exist() -> None:
    for obligations in (True, False):
        assert set(usual(obligations=obligations)) <= set(known(obligations=obligations))


def test_the_cells_of_a_verdict_are_named_as_verdicts() -> None:
    assert names(COLUMNS["resolve_verdict"]) == names(COLUMNS["verdict"])
    assert names(COLUMNS["state"])["resolved"] == "Chờ đóng"


@given(st.lists(st.one_of(st.none(), st.text(), st.text(st.sampled_from(BLANKS))), min_size=1))
def test_hiding_a_column_is_hiding_each_text(texts: list[str | None]) -> None:
    found = pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(hidden(pl.col("text"))).to_series()
    assert found.to_list() == [None if text is None else masking.mask_text(text) for text in texts]


def test_no_blank_is_forgotten() -> None:
    assert set(BLANKS) == {chr(code) for code in range(0x110000) if chr(code).isspace()}
