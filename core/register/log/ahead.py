"""Batches written by two processes in turn, so that an import and a sample use two cores.

Each process does every second batch, and a third one reads them. All that is done to write a batch is done beforehand
except the statements, which are kept (``transaction.write``): so one process prepares its batch while the other writes
the batch before, from which it counts ids, case numbers and customers on although it may not be written yet. That is
right unless somebody else writes in between, and every write logs an event. So a batch is written only where the newest
event is the one that the batch before left; else it is prepared anew while its process has the turn and nobody else can
write.
"""

from __future__ import annotations

import copyreg
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import MappingProxyType
from typing import NamedTuple, TypeVar, cast

from sqlalchemy.orm import Session

from core.errors import PopsError
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.database import Register
from core.register.log.transaction import Counted, Statement

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Row = TypeVar("Row")
READ_ONLY = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET TRANSACTION READ ONLY"}
Begin = Callable[[Batch], Callable[[Register], Result]]
"""A batch → what writes it. What needs no register is done when it is called: the other process then need not wait."""


class Prepared(NamedTuple):
    """One batch: what was made of it, and the statements that write it."""

    result: object
    statements: list[Statement]


class Written(NamedTuple):
    """What one process tells the other of a batch that it has written.

    ``newest``: the newest event then. ``anew``: it counted something else than was told, as where it had to be prepared
    anew, so that what was prepared after it meanwhile is out of date.
    """

    result: object
    newest: tuple[int, bytes]
    anew: bool = False


class Over(NamedTuple):
    """There is no further batch; ``error``: why, where they could not be read to their end."""

    error: PopsError | None


class Preparing(Register):
    """The register as a process has it that prepares a batch: it reads, and keeps what it would write.

    ``earlier``: what the newest batch, which may not be written yet, has counted; None where the database holds all.
    """

    def __init__(self, register: Register) -> None:
        super().__init__(register.url, register.evidence_dir)
        self.earlier: Counted | None = None
        self._kept: list[Statement] = []
        self._tell: Callable[[Counted], None] | None = None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that knows of ``earlier`` what the next batch needs: ids, case numbers, customers."""
        with super().read() as session:
            session.connection().exec_driver_sql(READ_ONLY[self.engine.dialect.name])
            transaction.go_on(session, self.earlier)
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The same; what it would write is kept, unless an error ends it."""
        with self.read() as session:
            state, kept = transaction.of(session), list[Statement]()
            state.kept, state.tell = kept, self._tell
            yield session
            self._kept, self.earlier = kept, transaction.counted(session)
            state.kept = None  # a session is garbage that only collecting finds, and would hold the batch until then

    def prepare(
        self, write: Callable[[Register], object], tell: Callable[[Counted], None] | None = None
    ) -> Prepared | PopsError:
        """What ``write`` gives for a batch, or why it gives nothing; ``tell``: as ``Transaction`` has it."""
        self._kept, self._tell = [], tell
        try:
            result = write(self)
        except PopsError as error:
            return error
        return Prepared(result, self._kept)


@contextmanager
def batch_by_batch(
    register: Register, batches: Iterable[Batch], begin: Begin[Batch, Result], *, ahead: bool
) -> Iterator[Iterator[Result]]:
    """The result of each batch, in their order; each is written before its result is given, none after it before that.

    What ``begin`` gives writes by ``Register.write``, once or not at all, and may be called again. ``ahead``: other
    processes take part, where this machine can start them.
    """
    with ExitStack() as others:
        yield (ahead and _with_others(others, register, batches, begin)) or (begin(one)(register) for one in batches)


def is_possible() -> bool:
    """Whether there is a second core, and this process can be forked: another one begins at once, where it stands.

    A process of several threads cannot: what another thread holds at that moment stays held for ever in the copy.
    """
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def _with_others(
    others: ExitStack, register: Register, batches: Iterable[Batch], begin: Begin[Batch, Result]
) -> Iterator[Result] | None:
    """The results where other processes take part, which end with ``others``; None where these cannot be started."""
    if not is_possible():
        return None
    with register.read() as session:
        newest = seal.newest(session)
    register.engine.dispose()  # a connection must not be open in two processes
    pipe = get_context("fork").Pipe
    try:
        (mine, to_me), (its, to_it) = pipe(duplex=False), pipe(duplex=False)
        reader = _start(_read, (to_me, to_it), batches, others=(mine, its))
        others.callback(reader.join)
        link, its_link = pipe()
        second = _start(_do_second, (its, its_link), register, begin, others=(mine, link))
    except OSError:
        return None
    others.callback(second.join)  # it writes what it is writing to the end, and then sees that ``link`` is closed
    others.callback(reader.kill)
    return _do_first(others.enter_context(mine), others.enter_context(link), register, begin, newest)


def _start(
    work: Callable[..., None], ends: Sequence[Connection], *arguments: object, others: Sequence[Connection]
) -> BaseProcess:
    """A new process that does ``work`` with its ``ends`` of pipes, which are closed here; ``others`` are closed there.

    An end that stays open in a second process would never tell that the first one is gone.
    """
    process = get_context("fork").Process(target=_work, args=(others, work, ends, *arguments), daemon=True)
    process.start()
    for end in ends:
        end.close()
    return process


def _work(others: Sequence[Connection], work: Callable[..., None], *arguments: object) -> None:
    """What a new process does; it ends by itself where one that it talks to is gone."""
    for end in others:
        end.close()
    gc.freeze()  # what this process began with stays as it is: it need not be looked through
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which ends this one
    with suppress(EOFError, ConnectionError):
        work(*arguments)


def _read(takers: Sequence[Connection], batches: Iterable[object]) -> None:
    """Read the batches, for both in turn; at most one waits to be taken."""
    error = None
    try:
        for batch, taker in zip(batches, cycle(takers), strict=False):
            taker.send(batch)
    except PopsError as found:
        error = found
    for taker in takers:
        taker.send(Over(error))


def _do_first(
    batches: Connection, link: Connection, register: Register, begin: Begin[Batch, Result], newest: tuple[int, bytes]
) -> Iterator[Result]:
    """Do the first batch and every second one after it; ``newest``: the newest event before it."""
    first = InTurn(register, link)
    try:
        yield from cast("Iterator[Result]", first.results(batches, begin, Written(None, newest)))
    except (EOFError, ConnectionError):
        raise PopsError(N_("A process of this command was ended: run it again, it goes on from there.")) from None
    finally:
        first.preparing.engine.dispose()


def _do_second(ends: tuple[Connection, Connection], register: Register, begin: Begin[object, object]) -> None:
    """Do the others; the first process gives their results."""
    batches, link = ends
    try:
        for _result in InTurn(register, link).results(batches, begin, None):
            pass
    except PopsError as error:
        link.send(error)


class InTurn:
    """One of the two processes that do every second batch; ``link``: the way to the other one.

    For each batch a process tells the other what it counted (``Counted``), on which that one prepares the next, and,
    once it is written, ``Written``. Where this says ``anew``, what was told is out of date: the other one prepares the
    next batch anew, tells a second time what it counted, and this one waits for that.
    """

    def __init__(self, register: Register, link: Connection) -> None:
        self.register, self.link = register, link
        self.preparing = Preparing(register)
        self._told: list[Counted | None] = []  # of the batch in hand: what the other one was told, if it was

    def results(self, batches: Connection, begin: Begin[Batch, object], before: Written | None) -> Iterator[object]:
        """Do every second batch; gives the results of all of them, those that the other process did too.

        ``before``: what stands before the batch that is done next; None where the other process is still to tell.
        """
        waits_for_second = False
        while not isinstance(batch := _received(batches), Over):
            write = begin(cast("Batch", batch))
            if before is None:
                if waits_for_second:
                    _received(self.link)
                self.preparing.earlier = cast("Counted | None", _received(self.link))
            prepared = self._prepare(write)
            if before is None:
                before = cast("Written", _received(self.link))
                yield before.result
            written = self._write(write, prepared, before)
            yield written.result
            self.link.send(written)
            before, waits_for_second = None, written.anew
        self.link.send(batch)
        while not isinstance(message := _received(self.link), Over):
            if isinstance(message, Written):
                yield message.result
        if error := batch.error or message.error:
            raise error

    def _prepare(self, write: Callable[[Register], object]) -> Prepared | PopsError:
        """The batch, prepared; the other process is told what it counts, as soon as that is known."""
        self._told = []
        prepared = self.preparing.prepare(write, self._tell)
        self._tell(self.preparing.earlier)
        return prepared

    def _tell(self, counted: Counted | None) -> None:
        if not self._told:
            self._told.append(counted)
            self.link.send(counted)

    def _write(self, write: Callable[[Register], object], prepared: Prepared | PopsError, before: Written) -> Written:
        """Write a batch as it was prepared, where it was prepared on what is there now."""
        with self.register.write() as session:
            is_out_of_date = seal.newest(session) != before.newest
            if before.anew or is_out_of_date:
                self.preparing.earlier = None
                prepared = self.preparing.prepare(write)
            if before.anew:
                self._told = []
                self._tell(self.preparing.earlier)
            if isinstance(prepared, PopsError):
                raise prepared
            for statement, arguments in prepared.statements:
                statement(session, *arguments)
            newest = seal.newest(session)
        is_other = is_out_of_date or self._told != [self.preparing.earlier]
        return Written(prepared.result, newest, anew=is_other and not before.anew)


def _received(link: Connection) -> object:
    """What another process sends next; an error that ended it is raised, EOFError where it is gone."""
    try:
        found: object = link.recv()
    except OSError:  # it was ended in the middle of a message
        raise EOFError from None
    if isinstance(found, PopsError):
        raise found
    return found


class Rows(list[Row]):
    """Named tuples of one class, sent to another process column by column: one by one it takes five times as long."""

    def __reduce__(self) -> tuple[Callable[..., Rows[Row]], tuple[object, ...]]:
        """How it is sent."""
        return _rows, _columns(self)


Columns = tuple[type | None, Sequence[object]]
"""The class of the rows with their columns, themselves packed; None with values that are no rows of one class."""


def _columns(values: Sequence[object]) -> Columns:
    kinds = set(map(type, values))
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is not None and hasattr(kind, "_make"):
        return kind, list(map(_columns, zip(*cast("Sequence[tuple[object, ...]]", values), strict=True)))
    if kind is list or kind is tuple:
        each = cast("Sequence[Sequence[object]]", values)
        return kind, (list(map(len, each)), _columns([value for some in each for value in some]))
    return None, list(values)


def _values(kind: type | None, columns: Sequence[object]) -> Iterable[object]:
    if kind is None:
        return columns
    if kind is list or kind is tuple:
        lengths, packed = cast("tuple[list[int], Columns]", columns)
        values = iter(_values(*packed))
        return [kind(islice(values, length)) for length in lengths]
    each = (_values(*column) for column in cast("Sequence[Columns]", columns))
    return map(cast("type[NamedTuple]", kind)._make, zip(*each, strict=True))


def _rows(kind: type | None, columns: Sequence[object]) -> Rows[Row]:
    return Rows(cast("Iterable[Row]", _values(kind, columns)))


def _read_only(values: dict[object, object]) -> MappingProxyType[object, object]:
    return MappingProxyType(values)


copyreg.pickle(MappingProxyType, lambda proxy: (_read_only, (dict(proxy),)))  # a draft without details holds one
