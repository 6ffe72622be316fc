"""Writing many rows of one table in one statement, as fast as the driver takes them, and asking for many values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, LargeBinary, Table, Text, bindparam, insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.register.log import transaction
from core.register.log.tables import Base, Instant, micros

Convert = Callable[[object], object]


class _Statement(NamedTuple):
    """An INSERT of every column as a driver takes it, and how each value is made what the driver stores."""

    sql: str
    columns: tuple[tuple[str, Convert | None], ...]
    by_name: bool


def insert_rows(session: Session, entity: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert ``rows``, each with every column of the table, in their order.

    Goes past SQLAlchemy's own handling of parameters, which costs an import more than the database itself; types still
    convert and check every value.
    """
    if rows:
        transaction.write(session, _insert, entity, rows)


def _insert(session: Session, entity: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    connection = session.connection()
    statement = _statement(entity, connection.dialect.name, connection.dialect)
    found = zip(*map(itemgetter(*(name for name, _ in statement.columns)), rows), strict=True)
    taken = (_as_taken(values, convert) for values, (_, convert) in zip(found, statement.columns, strict=True))
    values = list(zip(*taken, strict=True))
    if statement.by_name:
        names = [name for name, _ in statement.columns]
        connection.exec_driver_sql(statement.sql, [dict(zip(names, each, strict=True)) for each in values])
    else:
        connection.exec_driver_sql(statement.sql, values)


def _as_taken(values: Sequence[object], convert: Convert | None) -> Sequence[object]:
    """The values of one column as the driver takes them; NULL is None in every type."""
    return values if convert is None else [None if value is None else convert(value) for value in values]


_statements: dict[tuple[type[Base], str], _Statement] = {}


def _statement(entity: type[Base], name: str, dialect: Dialect) -> _Statement:
    if (entity, name) not in _statements:
        table = cast("Table", entity.__table__)
        compiled = insert(table).compile(dialect=dialect)
        order = compiled.positiontup or [column.name for column in table.columns]
        columns = tuple((key, _convert(table.c[key].type, dialect)) for key in order)
        _statements[entity, name] = _Statement(str(compiled), columns, compiled.positiontup is None)
    return _statements[entity, name]


def _convert(of: TypeEngine[object], dialect: Dialect) -> Convert | None:
    """How a value of this type is made what the driver stores; every driver takes bytes as they are."""
    if isinstance(of, Instant) and dialect.name == "sqlite":
        return cast("Convert", micros)  # as the type does it, without the calls between
    return None if isinstance(of, LargeBinary) else of.dialect_impl(dialect).bind_processor(dialect)


def among(column: InstrumentedAttribute[Any] | ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """The condition that ``column`` has one of the values given as the parameter ``name``, any number of them.

    One parameter holds them all: to spell each out costs SQLAlchemy more than the database needs to find it.
    """
    return _Among(column, bindparam(name, type_=_Values(column.type)))


class _Values(TypeDecorator[Iterable[object]]):
    """Values of one type: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of this engine."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: Iterable[object] | None, dialect: Dialect) -> str | list[object]:
        """As the engine takes them."""
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> _Among:  # noqa: ARG002 (its name is the one it is called by)
        """As it is: SQLAlchemy would ask SQLite whether it ``= 1``, which no index answers."""
        return self


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 (a column and a parameter)


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({values})"
