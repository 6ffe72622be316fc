"""Batches prepared by other processes while this one writes the batch before: an import and a sample use two cores.

One process reads the batches, one prepares them, this one writes. The one that prepares does all that is done to write
a batch, but keeps the statements (``transaction.write``), and counts ids, case numbers and customers on from the batch
before, which may not be written yet. That is right unless somebody else writes in between, and every write logs an
event. So a batch is written only where the newest event is the one that the batch before left; else it is prepared
anew while this process has the turn and nobody else can write.
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
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import NamedTuple, TypeVar, cast

from sqlalchemy.orm import Session

from core.errors import PopsError
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.database import Register
from core.register.log.transaction import Statement, Transaction

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Row = TypeVar("Row")
WRITTEN, AGAIN = "written", "again"
READ_ONLY = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET TRANSACTION READ ONLY"}


class Prepared(NamedTuple):
    """One batch: what was made of it, and the statements that write it."""

    result: object
    statements: list[Statement]


class Preparing(Register):
    """The register as the process that prepares has it: it reads, and keeps what it would write.

    ``earlier``: the newest batch, which may not be written yet; None where the database holds all there is.
    """

    def __init__(self, register: Register) -> None:
        super().__init__(register.url, register.evidence_dir)
        self.earlier: Transaction | None = None
        self._kept: list[Statement] = []

    @contextmanager
    def read(self, *, anew: bool = False) -> Iterator[Session]:
        """A session that knows of ``earlier`` what the next batch needs: ids, case numbers, customers."""
        with super().read(anew=anew) as session:
            session.connection().exec_driver_sql(READ_ONLY[self.engine.dialect.name])
            transaction.go_on(session, self.earlier)
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The same; what it would write is kept, unless an error ends it."""
        with self.read() as session:
            state, kept = transaction.of(session), list[Statement]()
            state.kept = kept
            yield session
        state.kept = state.earlier = None
        self._kept, self.earlier = kept, state

    def prepare(self, make: Callable[[Register, Batch], object], batch: Batch) -> Prepared | PopsError:
        """What ``make`` gives for the batch, or why it gives nothing."""
        self._kept = []
        try:
            result = make(self, batch)
        except PopsError as error:
            return error
        return Prepared(result, self._kept)


@contextmanager
def batch_by_batch(
    register: Register, batches: Iterable[Batch], make: Callable[[Register, Batch], Result], *, ahead: bool
) -> Iterator[Iterator[Result]]:
    """What ``make`` gives for each batch, in their order; each is written before its result is given.

    ``make`` writes by ``Register.write``, once or not at all, and may be called again for a batch. ``ahead``: other
    processes read and prepare, where this machine can start them.
    """
    with ExitStack() as processes:
        yield (ahead and _elsewhere(processes, register, batches, make)) or (make(register, each) for each in batches)


def is_possible() -> bool:
    """Whether there is a second core, and this process can be forked: another one begins at once, where it stands.

    A process of several threads cannot: what another thread holds at that moment stays held for ever in the copy.
    """
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def _elsewhere(
    processes: ExitStack, register: Register, batches: Iterable[Batch], make: Callable[[Register, Batch], Result]
) -> Iterator[Result] | None:
    """The batches as other processes read and prepare them; None where these cannot be started."""
    if not is_possible():
        return None
    with register.read() as session:
        newest = seal.newest(session)
    register.engine.dispose()  # a connection must not be open in two processes
    try:
        with _started(processes, _read, batches) as read:
            prepared = _started(processes, _prepare, register, make, read)
    except OSError:
        return None
    return _written(processes.enter_context(prepared), register, newest)


def _started(processes: ExitStack, work: Callable[..., None], *arguments: object) -> Connection:
    """The way to a new process that does ``work``; it is ended with ``processes``, since it only reads."""
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(ours, theirs, work, *arguments), daemon=True)
    with theirs:
        process.start()
    processes.callback(process.join)
    processes.callback(process.kill)
    return ours


def _work(others: Connection, link: Connection, work: Callable[..., None], *arguments: object) -> None:
    """What a new process does; it ends by itself where one that it talks to is gone."""
    others.close()  # else it would wait for itself
    gc.freeze()  # what this process began with stays as it is: it need not be looked through
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes, which ends this one
    with suppress(EOFError, ConnectionError):
        try:
            work(link, *arguments)
            link.send(None)
        except PopsError as error:
            link.send(error)


def _received(link: Connection) -> object:
    """What is sent next, None at the end; an error that is sent is raised."""
    found: object = link.recv()
    if isinstance(found, PopsError):
        raise found
    return found


def _read(link: Connection, batches: Iterable[object]) -> None:
    """Read the batches; at most one waits to be taken."""
    for batch in batches:
        link.send(batch)


def _prepare(
    link: Connection, register: Register, make: Callable[[Register, object], object], read: Connection
) -> None:
    """Prepare each batch while the one before is written, and hand it over when that is done."""
    preparing, sent = Preparing(register), list[object]()

    def is_as_sent() -> bool:
        """Wait until the batch sent last is written; False where it had to be prepared anew."""
        first_try = True
        for batch in sent:
            while link.recv() == AGAIN:
                first_try, preparing.earlier = False, None
                _hand_over(link, preparing.prepare(make, batch))
        return first_try

    for batch in iter(partial(_received, read), None):
        prepared = preparing.prepare(make, batch)
        _hand_over(link, prepared if is_as_sent() else preparing.prepare(make, batch))
        sent = [batch]
    is_as_sent()


def _hand_over(link: Connection, prepared: Prepared | PopsError) -> None:
    """Send a batch statement by statement: the other side unpacks one meanwhile, and one long message takes longer."""
    if isinstance(prepared, PopsError):
        link.send(prepared)
        return
    link.send((prepared.result, len(prepared.statements)))
    for statement in prepared.statements:
        link.send(statement)


def _taken_over(link: Connection) -> Prepared | None:
    """The batch that is sent next; None at the end."""
    head = cast("tuple[object, int] | None", _received(link))
    if head is None:
        return None
    result, count = head
    return Prepared(result, [cast("Statement", _received(link)) for _ in range(count)])


def _written(link: Connection, register: Register, newest: tuple[int, bytes]) -> Iterator[Result]:
    """Write each batch that comes; ``newest``: the newest event before the first one."""
    try:
        while (prepared := _taken_over(link)) is not None:
            if prepared.statements:
                with register.write() as session:
                    if seal.newest(session) != newest:
                        link.send(AGAIN)
                        prepared = cast("Prepared", _taken_over(link))
                    for statement, arguments in prepared.statements:
                        statement(session, *arguments)
                    newest = seal.newest(session)
            link.send(WRITTEN)
            yield cast("Result", prepared.result)
    except (EOFError, ConnectionError):
        raise PopsError(N_("A process of this command was ended: run it again, it goes on from there.")) from None


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
