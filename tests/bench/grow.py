"""A register of a million complaints, or ten, made in minutes: ``python -m tests.bench.grow FOLDER --complaints N``.

A sample is written with every check, event and seal; its rows are then copied inside SQL, each copy later by none, one
or more lengths of the sample, so that every week until now has about as many. A copy has the rows that lists, searches
and figures read, and no events: its case page has no history, and ``verify`` would not accept it. What is open is
copied into the present alone, so that as few are open as in life. A folder is grown once, for several benchmarks.
"""

from __future__ import annotations

import argparse
import operator
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
    true,
)

from core.commands import sample
from core.commands.sample_rhythm import weeks_for
from core.register.case.search_index import BLOCK, SHIFTS
from core.register.log.database import Register, open_up
from core.register.log.tables import (
    Complaint,
    Customer,
    Detail,
    Evidence,
    Instant,
    Issue,
    Request,
    Restatement,
    SearchText,
    SlaCycle,
)
from core.settings import Settings

SAMPLE = 10_000  # complaints that are copied, which fill 85 weeks
SPANS = 4  # times as long is what a grown register covers: six years and a half
WEEK = 7 * 86_400  # seconds
AT_ONCE = 25  # copies in one transaction, so that its log stays small
SPREAD, PHONES = 7_368_787, 10**9  # a prime, so that the numbers of neighbours have nothing in common
GROWN = (Customer, Complaint, Evidence, Detail, SlaCycle, Request, Issue, Restatement, SearchText)


class Copies(NamedTuple):
    """Some copies of the sample: their numbers, by how many weeks each is later; the last ids that are copied."""

    series: CTE
    weeks: ColumnElement[int]
    is_newest: ColumnElement[bool]
    last: Mapping[type, int]
    is_sqlite: bool


def main() -> None:
    """Grow the register in a folder, or say that it is large enough."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--complaints", type=int, default=1_000_000)
    options.add_argument("--without-search", action="store_true", help="leave out the words that searches read")
    given = options.parse_args()
    settings = Settings.from_env({"DATA_DIR": str(given.folder)})
    began, now = time.perf_counter(), datetime.now(UTC)
    register = open_up(settings.database_url, settings.evidence_dir, organisation="pops", now=now)
    count = grow(register, given.complaints, now, is_searched=not given.without_search)
    print(f"{count:,} complaints after {time.perf_counter() - began:.0f} s")


def grow(register: Register, complaints: int, now: datetime, *, is_searched: bool = True) -> int:
    """Fill an empty register with about so many complaints of six years until ``now``; returns how many it holds.

    One that holds as many is left as it is.
    """
    with register.read() as session:
        known = session.scalar(select(func.count()).select_from(Complaint)) or 0
    if known:
        return known
    size = min(SAMPLE, complaints)
    copies = max(1, round(complaints / size))
    spans = min(SPANS, copies)
    sample.fill(register, size, now - timedelta(weeks=(spans - 1) * weeks_for(size)), seed=1)
    copy(register, copies, spans, weeks_for(size), is_searched=is_searched)
    with register.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(Complaint)) or 0


def copy(register: Register, copies: int, spans: int = 1, weeks: int = 0, *, is_searched: bool = True) -> None:
    """All complaints of the register ``copies`` - 1 times more, in ``spans`` one after the other, each of ``weeks``."""
    with register.engine.connect() as connection:
        last: dict[type, int] = {
            table: connection.scalar(select(func.max(table.id))) or 0 for table in (Customer, Evidence, Complaint)
        }
        made_again = _without_indexes(connection, is_sqlite=register.is_sqlite)
        for first in range(1, copies, AT_ONCE):
            series = _series(first, min(first + AT_ONCE, copies) - 1, is_sqlite=register.is_sqlite)
            n: ColumnElement[int] = series.c.n
            span = n * literal_column(str(spans), Integer) // literal_column(str(copies), Integer)
            made = Copies(series, span * weeks, span == spans - 1, last, register.is_sqlite)
            _copy(connection, made, is_searched=is_searched)
            connection.commit()
        for statement in made_again:
            connection.exec_driver_sql(statement)
        if register.is_sqlite:
            connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('rebuild')")
        connection.commit()


def _series(first: int, last: int, *, is_sqlite: bool) -> CTE:
    """The whole numbers ``first`` … ``last``, in a column ``n``."""
    if not is_sqlite:
        return select(func.generate_series(first, last).label("n")).cte("series")
    series = select(literal_column(str(first), Integer).label("n")).cte("series", recursive=True)
    return series.union_all(select(series.c.n + 1).where(series.c.n < last))


def _copy(connection: Connection, made: Copies, *, is_searched: bool) -> None:
    n, last = made.series.c.n, made.last
    of_customers, of_evidence, of_complaints = (n * last[table] for table in (Customer, Evidence, Complaint))
    is_closed = Complaint.closed_at.is_not(None)
    kept = select(Complaint.id).where(Complaint.id <= last[Complaint], is_closed)
    _insert(
        connection,
        Customer,
        made,
        Customer.id <= last[Customer],
        id=Customer.id + of_customers,
        phone_key=_text("849", Customer.id, "0", n),
    )
    _insert(
        connection,
        Complaint,
        made,
        Complaint.id <= last[Complaint],
        or_(is_closed, made.is_newest),
        id=Complaint.id + of_complaints,
        number=Complaint.number + of_complaints,
        code=_text(Complaint.code, "-", n),
        customer_id=Complaint.customer_id + of_customers,
        statement_id=Complaint.statement_id + of_evidence,
        external_ref=_text(Complaint.external_ref, "-", n),
        incident=null(),
        merged_into=null(),
    )
    for table in (SlaCycle, Request, Detail, Issue, Restatement):
        is_kept = or_(table.complaint_id.in_(kept), and_(made.is_newest, table.complaint_id <= last[Complaint]))
        _insert(connection, table, made, is_kept, complaint_id=table.complaint_id + of_complaints)
    statements = select(Complaint.statement_id).where(Complaint.id <= last[Complaint], or_(is_closed, made.is_newest))
    ids = {"id": Evidence.id + of_evidence, "complaint_id": Evidence.complaint_id + of_complaints}
    _insert(connection, Evidence, made, Evidence.id <= last[Evidence], Evidence.id.in_(statements), **ids)
    if is_searched:
        _copy_words(connection, made, kept, of_complaints)


def _copy_words(connection: Connection, made: Copies, kept: Select[int], of_complaints: ColumnElement[int]) -> None:
    """The words of each copy with a phone number and a word of its own, so that rare words are as many as in life."""
    new = SearchText.complaint_id + of_complaints
    blocks = [part for level, shift in enumerate(SHIFTS) for part in (f" {BLOCK}{level}", new // (1 << shift))]
    own = _text(" _p", _digits(new), "48 gd", new, "x", *blocks)
    words: ColumnElement[str]
    if made.is_sqlite:
        words = SearchText.words + own
    else:  # a block says where its complaint stands; SQLite does not ask for blocks
        numbers = range((made.last[Complaint] >> SHIFTS[0]) + 1)
        known = [f"{BLOCK}{level}{number}" for level in range(len(SHIFTS)) for number in numbers]
        words = func.ts_delete(SearchText.words, known).op("||")(cast(own, SearchText.words.type))
    is_kept = or_(
        SearchText.complaint_id.in_(kept), and_(made.is_newest, SearchText.complaint_id <= made.last[Complaint])
    )
    _insert(connection, SearchText, made, is_kept, complaint_id=new, words=words)


def _insert(
    connection: Connection, table: type, made: Copies, *tests: ColumnElement[bool], **changed: ColumnElement[Any]
) -> None:
    """Each row of ``table`` that passes ``tests``, once a copy, its moments later by the weeks of the copy."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    values = [changed[name] if name in changed else _later(column, made) for name, column in columns.items()]
    rows = select(*(value.label(column.name) for value, column in zip(values, columns, strict=True)))
    connection.execute(
        insert(table).from_select([column.name for column in columns], rows.join(made.series, true()).where(*tests))
    )


def _later(column: ColumnElement[Any], made: Copies) -> ColumnElement[Any]:
    """What the column says, a moment or a day later by the weeks of the copy."""
    if isinstance(column.type, Date):
        return column if made.is_sqlite else column + made.weeks * 7
    if not isinstance(column.type, Instant):
        return column
    if made.is_sqlite:
        return cast(column, BigInteger) + made.weeks * (WEEK * 10**6)
    return column + func.make_interval(0, 0, made.weeks)


def _text(*parts: object) -> ColumnElement[str]:
    """The parts one after the other."""
    texts = [literal(part) if isinstance(part, str) else cast(part, String) for part in parts]
    return reduce(operator.add, texts)


def _digits(number: ColumnElement[int]) -> ColumnElement[str]:
    """Nine digits that are spread over all numbers; read as a phone number from its end."""
    spread: ColumnElement[int] = literal_column(str(PHONES)) + number * SPREAD % PHONES
    return func.substr(_text(spread), 2)


def _without_indexes(connection: Connection, *, is_sqlite: bool) -> list[str]:
    """Drop the indexes and triggers that would be kept in step row by row; returns the SQL that makes them again."""
    names = [table.__tablename__ for table in GROWN]
    if is_sqlite:
        kept = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        where = " AND (type = 'index' OR tbl_name = 'search_texts') AND tbl_name IN :names"
    else:  # the server checks no reference of what is copied whole
        connection.exec_driver_sql("SET session_replication_role = replica")
        # What is kept fits into memory, which the planner does not know while the table grows: without this it looks
        # the list through for every row.
        connection.exec_driver_sql("SET work_mem = '256MB'")
        kept = "SELECT 'index' AS type, indexname AS name, indexdef AS sql FROM pg_indexes"
        where = " WHERE tablename IN :names AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    found = connection.execute(text(kept + where).bindparams(bindparam("names", names, expanding=True))).all()
    for row in found:
        connection.exec_driver_sql(f'DROP {row.type} "{row.name}"')
    return [row.sql for row in found]


if __name__ == "__main__":
    main()
