"""Columns out of the register, fast: Arrow from PostgreSQL, one JSON array per column from SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache, partial

import adbc_driver_postgresql.dbapi
import polars as pl
from psycopg.conninfo import make_conninfo
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool, PoolProxiedConnection, QueuePool

from core.register.log import failures
from core.register.log.database import Register

Wanted = Mapping[str, type[pl.DataType]]
Read = Callable[[Wanted, str], pl.DataFrame]
NOTHING = "[]"
AS_WRITTEN = pl.QueryOptFlags.none()
FEW = 4_000  # letters of JSON: fewer are read faster by Python than handed over to Polars
KEPT = 4
"""How many of Arrow's connections to PostgreSQL stay open between reads."""


@contextmanager
def reader(register: Register) -> Iterator[Read]:
    """A way to read columns, all reads of it in one snapshot: ``read({"id": pl.Int64}, "FROM complaints WHERE …")``.

    ``wanted`` names each column with what SQLite stores in it, whole numbers or texts; PostgreSQL types its own.
    Instants come as the engine stores them (``as_instant``), truths as 0 and 1 from SQLite.
    """
    if register.is_sqlite:
        with register.read() as session:
            yield lambda wanted, rest: _from_sqlite(session, wanted, rest)
    else:
        with (
            failures.explained(register.url, adbc_driver_postgresql.dbapi.Error),
            closing(_begun(_connections(register))) as connection,
            closing(connection.cursor()) as cursor,
        ):
            yield lambda wanted, rest: _from_postgresql(cursor, wanted, rest)


@cache
def _connections(register: Register) -> Pool:
    """Arrow's connections to the register, kept open: making one takes longer than most reads of a page."""
    pool = QueuePool(
        partial(adbc_driver_postgresql.dbapi.connect, _conninfo(register)), pool_size=KEPT, max_overflow=-1
    )
    event.listen(register.engine, "engine_disposed", lambda _: pool.dispose())
    return pool


def _conninfo(register: Register) -> str:
    """Where the register is, and as whom, exactly as every other connection has it (``key='value' …`` for libpq).

    A URL as SQLAlchemy writes it is refused by libpq for a blank in the password, and read wrongly for one in a folder.
    """
    _none, options = register.engine.dialect.create_connect_args(register.engine.url)
    return make_conninfo(**{name: value for name, value in options.items() if name != "context"})


def _begun(pool: Pool) -> PoolProxiedConnection:
    """A connection that sees one moment; of those kept, all that the server has ended meanwhile are replaced."""
    for _kept in range(KEPT):
        connection = pool.connect()
        try:
            _begin(connection)
        except adbc_driver_postgresql.dbapi.Error:
            connection.invalidate()
        else:
            return connection
    connection = pool.connect()
    _begin(connection)
    return connection


def _begin(connection: PoolProxiedConnection) -> None:
    cursor = connection.cursor()
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.close()


def done(steps: pl.LazyFrame) -> pl.DataFrame:
    """The steps one after the other, as they are written: on few rows a better plan takes longer than they do."""
    return steps.collect(engine="in-memory", optimizations=AS_WRITTEN)


def as_instant(frame: pl.DataFrame, name: str) -> pl.Expr:
    """UTC instants from a column as ``read`` gives it: microseconds since 1970 (SQLite) or timestamps (PostgreSQL)."""
    if isinstance(frame.schema[name], pl.Datetime):
        return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    return pl.from_epoch(pl.col(name).cast(pl.Int64), "us").dt.replace_time_zone("UTC").alias(name)


def _from_sqlite(session: Session, wanted: Wanted, rest: str) -> pl.DataFrame:
    """SQLite packs each column into one JSON array, so that Python makes a value per column instead of one per cell.

    Arrow's own SQLite driver would be faster still, but it brings a second SQLite library into the process: the two do
    not see each other's file locks, and closing one deletes the write-ahead log under the other
    (sqlite.org/howtocorrupt.html, 2.2.1).
    """
    statement = f"SELECT {', '.join(f'json_group_array({name})' for name in wanted)} {rest}"
    packed = session.connection().exec_driver_sql(statement).one()
    if packed[0] == NOTHING:
        return pl.DataFrame(schema=dict(wanted))
    kinds = wanted.items()
    return pl.DataFrame({name: _unpacked(array, kind) for (name, kind), array in zip(kinds, packed, strict=True)})


def _unpacked(array: str, kind: type[pl.DataType]) -> pl.Series:
    if len(array) < FEW:
        with suppress(TypeError):  # a number where a text is wanted: Polars writes it as one
            return pl.Series(json.loads(array), dtype=kind)
    unpacked: pl.Series = pl.Series([array]).str.json_decode(pl.List(kind))[0]
    return unpacked


def _from_postgresql(cursor: adbc_driver_postgresql.dbapi.Cursor, wanted: Wanted, rest: str) -> pl.DataFrame:
    cursor.execute(f"SELECT {', '.join(wanted)} {rest}")
    frame = pl.from_arrow(cursor.fetch_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame
