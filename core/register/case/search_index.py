"""The search index: one row of words per complaint, written in the transaction that changes what it is made of.

It holds every text of the complaint (statement, wanted remedy, questions, answers, notes, results) but the people whom
an analysis names for the board alone (D25), the values of what its category must know, what its customer is found by,
and the departments that were asked. It is personal data like these, kept in the database alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TypedDict

from sqlalchemy import (
    Connection,
    delete,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.case.customers import CONTACT, NAMED_AS
from core.register.case.evidence import PEOPLE
from core.register.log import transaction
from core.register.log.bulk import among
from core.register.log.tables import Complaint, Customer, Detail, Evidence, Request, SearchText
from core.rules.words import DEPARTMENT, Term, customer_terms, document, each_word


class SearchRow(TypedDict):
    """One row of ``search_texts``."""

    complaint_id: int
    words: str


AT_ONCE = 2_000  # complaints read or indexed at a time
SHIFTS = (11, 13, 15, 17)
"""Blocks of ids, each four times longer than the one before: 2,048 complaints to 131,072 (see ``_stretches``)."""
BLOCK = "_b"
# Made once: an import runs them for every batch.
_COMPLAINTS = (
    select(Complaint.id, Complaint.department, Customer.name, Customer.phone_key, Customer.email, Customer.account)
    .outerjoin(Customer, Customer.id == Complaint.customer_id)
    .where(among(Complaint.id, "ids"))
    .order_by(Complaint.id)
)
_TEXTS = (
    select(Evidence.complaint_id, Evidence.kind, Evidence.body)
    .where(among(Evidence.complaint_id, "ids"), Evidence.body.is_not(None))
    .where(Evidence.kind != PEOPLE)
    .order_by(Evidence.id)
)
_VALUES = (
    select(Detail.complaint_id, Detail.value)
    .where(among(Detail.complaint_id, "ids"), Detail.value.is_not(None))
    .where(Detail.value.not_like("____-__-__T%"))  # nobody looks for the parts of a moment
    .order_by(Detail.field)
)
_DEPARTMENTS = (
    select(Request.complaint_id, Request.department)
    .where(among(Request.complaint_id, "ids"))
    .order_by(Request.complaint_id, Request.department)
    .distinct()
)
_ADD = insert(SearchText.__table__)  # type: ignore[arg-type] # a FromClause to mypy
_ADD_ON_SQLITE = "INSERT INTO search_texts (complaint_id, words) VALUES "
_REMOVE = delete(SearchText.__table__).where(  # type: ignore[arg-type] # a FromClause to mypy
    among(SearchText.complaint_id, "ids")
)
_SQLITE_NEWEST = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :question ORDER BY rowid DESC LIMIT :most"
)
# A plan made for any question reads the whole table for a word that is nowhere; compiling one takes longer than it.
_POSTGRESQL_NEWEST_ID = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true), "
    "set_config('max_parallel_workers_per_gather', '0', true), (SELECT max(complaint_id) FROM search_texts) AS newest"
)


def renew(session: Session, complaint_ids: Sequence[int]) -> None:
    """Index these complaints as they stand now, and those of customers whose details changed in this transaction."""
    changed = transaction.of(session).changed_customers
    transaction.write(session, _renew, complaint_ids, list(changed))
    changed.clear()


def _renew(session: Session, complaint_ids: Sequence[int], customer_ids: Sequence[int]) -> None:
    ids = set(complaint_ids)
    for some in _parts(customer_ids):
        ids.update(session.scalars(select(Complaint.id).where(Complaint.customer_id.in_(some))))
    for some in _parts(ids):
        session.connection().execute(_REMOVE, {"ids": some})
        _add(session.connection(), _rows(session.connection(), some))


def forget(session: Session, complaint_ids: Sequence[int]) -> None:
    """Remove these complaints from the index, for an erasure; nothing finds them by words or contact any more.

    On SQLite the index is also written anew as a whole, because its old pages would still hold the words; that takes
    seconds in a register of a million complaints. PostgreSQL drops them at its next (auto)vacuum.
    """
    for some in _parts(complaint_ids):
        session.connection().execute(_REMOVE, {"ids": some})
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO search_index (search_index) VALUES ('optimize')"))


def build(connection: Connection) -> None:
    """Index every complaint that has no row yet, batch by batch: for a restored register, and migration 0005.

    At that migration there is no table of values and none of requests yet.
    """
    there = frozenset(inspect(connection).get_table_names())
    last = 0
    while ids := _next_ids(connection, last):
        _add(connection, _rows(connection, ids, there))
        last = ids[-1]


def _add(connection: Connection, rows: Sequence[SearchRow]) -> None:
    """Write the rows; on SQLite as one statement, since its full-text table writes its words out after each one."""
    if connection.dialect.name == "sqlite" and rows:
        values = tuple(value for row in rows for value in (row["complaint_id"], row["words"]))
        connection.exec_driver_sql(_ADD_ON_SQLITE + ", ".join(["(?, ?)"] * len(rows)), values)
    elif rows:
        connection.execute(_ADD, rows)


def check_index(session: Session) -> Iterator[tuple[str, int]]:
    """(sentence template, complaint id) of each whose row is missing, too many, or not what its texts give."""
    connection, last = session.connection(), 0
    while ids := _next_ids(connection, last, missing_only=False):
        stored = {
            row.complaint_id: row.words
            for row in connection.execute(select(SearchText.__table__).where(SearchText.complaint_id.in_(ids)))
        }
        for row in _rows(connection, ids):
            key = row["complaint_id"]
            if key not in stored:
                yield N_("search index: complaint {id} is not in it"), key
            elif set(stored[key].split()) != set(row["words"].split()):
                yield N_("search index: complaint {id} has other words than its texts"), key
        last = ids[-1]
    if session.get_bind().dialect.name == "sqlite":
        yield from _check_full_text(connection)


def _check_full_text(connection: Connection) -> Iterator[tuple[str, int]]:
    """On SQLite: the full-text table holds exactly the rows that its triggers should have put there."""
    has, should = "SELECT id FROM search_index_docsize", "SELECT complaint_id FROM search_texts"
    for row in connection.execute(text(f"{should} EXCEPT {has}")):
        yield N_("search index: complaint {id} is not in the full-text table"), row[0]
    for row in connection.execute(text(f"{has} EXCEPT {should}")):
        yield N_("search index: complaint {id} is in the full-text table and should not be"), row[0]


def newest(session: Session, terms: Sequence[Term], most: int) -> list[int]:
    """Ids of complaints that have every term, the newest logged first, at most ``most``."""
    if not terms:
        return []
    if session.get_bind().dialect.name == "sqlite":
        question = " AND ".join(_either(term, '"{}"', '"{}" *', " OR ") for term in terms)
        return list(session.scalars(_SQLITE_NEWEST, {"question": question, "most": most}))
    question = " & ".join(_either(term, "'{}'", "'{}':*", " | ") for term in terms)
    return _newest_on_postgresql(session, question, most)


def _either(term: Term, whole: str, beginning: str, either: str) -> str:
    """The term in the language of the engine; letters, digits and ``_`` are all that it can hold."""
    if not term.begins:
        return whole.format(term.text)
    if term.beginning is None:
        return beginning.format(term.text)
    return f"({whole.format(term.text)}{either}{whole.format(term.beginning)})"


def _newest_on_postgresql(session: Session, question: str, most: int) -> list[int]:
    """From the newest stretch of ids backwards until there are enough, so that a common word ends after the first.

    To sort all hits of a common word takes long, and to walk back in order as long for a word that is nowhere. Here the
    hits of a stretch are sorted, and PostgreSQL begins the next one only while fewer than ``most`` are found; ``+ 0``
    keeps it from walking back within a stretch.
    """
    newest_id = session.execute(_POSTGRESQL_NEWEST_ID).one().newest or 0
    parts = []
    for blocks, high in _stretches(newest_id):
        within = f"&& CAST('{' | '.join(blocks)}' AS tsquery)" if blocks else f") AND complaint_id <= ({high}"
        fits = f"words @@ (CAST(:question AS tsquery) {within})"
        newest = "ORDER BY complaint_id + 0 DESC"
        parts.append(f"(SELECT complaint_id FROM search_texts WHERE {fits} {newest})")  # noqa: S608 (blocks and numbers)
    statement = text(f"{' UNION ALL '.join(parts)} LIMIT :most")
    return list(session.scalars(statement, {"question": question, "most": most}))


def _stretches(newest_id: int) -> Iterator[tuple[list[str], int]]:
    """The blocks of each stretch from the newest back, and its highest id; the last one has no blocks: all the rest.

    Of each length up to four blocks, until the next longer one begins. A block is a term of the index, so that it is
    compared within the index, not row by row.
    """
    high = newest_id
    for level, shift in enumerate(SHIFTS):
        newest_block = high >> shift
        oldest = newest_block >> 2 << 2
        yield [f"{BLOCK}{level}{block}" for block in range(newest_block, oldest - 1, -1)], high
        high = (oldest << shift) - 1
        if high < 1:
            return
    yield [], high


def _blocks(complaint_id: int) -> Sequence[str]:
    return _blocks_of(complaint_id >> SHIFTS[0], SHIFTS)


@lru_cache
def _blocks_of(number: int, shifts: Sequence[int]) -> Sequence[str]:
    """The shortest block of this ``number``, and the longer ones that it lies in."""
    return [f"{BLOCK}{level}{number >> shift - shifts[0]}" for level, shift in enumerate(shifts)]


def _next_ids(connection: Connection, last: int, *, missing_only: bool = True) -> list[int]:
    wanted = select(Complaint.id).where(Complaint.id > last).order_by(Complaint.id).limit(AT_ONCE)
    if missing_only:
        wanted = wanted.where(~select(SearchText.complaint_id).where(SearchText.complaint_id == Complaint.id).exists())
    return list(connection.scalars(wanted))


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    """The ids in order, as many at a time as one statement takes parameters for."""
    ordered = iter(sorted(ids))
    while some := list(islice(ordered, AT_ONCE)):
        yield some


LATER = frozenset({Detail.__tablename__, Request.__tablename__})
"""The tables that came after the index."""


def _rows(connection: Connection, ids: Sequence[int], there: Collection[str] = LATER) -> list[SearchRow]:
    """The rows of the index for these complaints, from what the database holds now: the tables ``there``."""
    texts: dict[int, list[str]] = defaultdict(list)
    names: dict[int, str] = {}
    for complaint_id, kind, body in connection.execute(_TEXTS, {"ids": ids}).all():
        if kind == CONTACT:  # whose it was before: whoever looks for them means another complaint (D21)
            names.pop(complaint_id, None)
        elif kind == NAMED_AS:
            names[complaint_id] = body or ""
        else:
            texts[complaint_id].append(body or "")
    for complaint_id, name in names.items():
        texts[complaint_id].append(name)
    for row in connection.execute(_VALUES, {"ids": ids}).all() if Detail.__tablename__ in there else ():
        texts[row.complaint_id].append(row.value)
    asked: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(_DEPARTMENTS, {"ids": ids}).all() if Request.__tablename__ in there else ():
        asked[row.complaint_id].add(row.department)
    return [
        SearchRow(
            complaint_id=complaint_id,
            words=document(
                [
                    *_blocks(complaint_id),
                    *customer_terms(name or "", phone or "", email or "", account or ""),
                    *(DEPARTMENT + department for department in sorted({of, *asked.get(complaint_id, ())} - {None})),
                    *each_word(texts.get(complaint_id, ())),
                ]
            ),
        )
        for complaint_id, of, name, phone, email, account in connection.execute(_COMPLAINTS, {"ids": ids}).all()
    ]
