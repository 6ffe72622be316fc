"""Rows of a table as lines of JSON that mean the same on both engines.

Instants are whole microseconds since 1970, bytes are hex. Tables are read from the database itself, not from today's
classes, so a register of an older schema can be written and read too.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Date, DateTime, LargeBinary, MetaData, Table, select
from sqlalchemy.types import TypeEngine

from core.register.backup.manifest import flush
from core.register.log import private
from core.register.log.tables import EPOCH, micros

BATCH = 2_000
MICROSECOND = timedelta(microseconds=1)


def tables(connection: Connection, names: Sequence[str]) -> Mapping[str, Table]:
    """The tables of these names as the database has them, by name: PostgreSQL is asked about all of them at once."""
    found = MetaData()
    found.reflect(connection, only=names, resolve_fks=False)
    return found.tables


def write(connection: Connection, stored: Table, path: Path, more: Callable[[int], None]) -> int:
    """Write every row of the table to ``path``; returns how many. ``more`` is called with rows done."""
    count = 0
    rows = connection.execute(select(stored).order_by(*stored.primary_key), execution_options={"yield_per": BATCH})
    with private.create(path) as file:
        with (
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0, filename="") as packed,
            io.TextIOWrapper(packed, encoding="utf-8") as lines,
        ):
            lines.write(_line(stored.columns.keys()))
            for batch in rows.partitions():
                lines.writelines(_line([_encode(value) for value in row]) for row in batch)
                count += len(batch)
                more(len(batch))
        flush(file)
    return count


def load(connection: Connection, stored: Table, path: Path, more: Callable[[int], None]) -> int:
    """Insert the rows of ``path`` into the table; returns how many."""
    count = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        columns = json.loads(next(lines))
        decode = [_decoder(stored.columns[column].type) for column in columns]
        rows = (json.loads(line) for line in lines)
        while batch := list(islice(rows, BATCH)):
            values = [
                {c: None if v is None else d(v) for c, d, v in zip(columns, decode, row, strict=True)} for row in batch
            ]
            connection.execute(stored.insert(), values)
            count += len(batch)
            more(len(batch))
    return count


def _line(values: Sequence[object]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    assert value is None or isinstance(value, str | int), f"a backup cannot hold {type(value)}"
    return value


def _decoder(kind: TypeEngine[object]) -> Callable[[object], object]:
    if isinstance(kind, LargeBinary):
        return lambda value: bytes.fromhex(str(value))
    if isinstance(kind, DateTime):
        return lambda value: EPOCH + int(str(value)) * MICROSECOND
    if isinstance(kind, Date):
        return lambda value: date.fromisoformat(str(value))
    return lambda value: value
