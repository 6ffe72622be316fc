"""Complaints that wait to be written: those that come while one transaction is written go into the next together.

Each commit waits for the disk, and there is one writer at a time, so a transaction for each request would bound how
many come in a second; what waits anyway is written in one. Each is answered after the commit that holds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from core.errors import NotReady, PopsError
from core.register.api import intake
from core.register.api.intake import Logged, Sent
from core.register.log.database import Register

MOST = 50
"""In one transaction: it stays short enough for whoever waits behind it."""
Answer = asyncio.Future[Logged | PopsError]
Waiting = list[tuple[Sent, Answer]]


@dataclass
class Desk:
    """Used on the event loop only, so nothing here needs a lock."""

    _waiting: Waiting = field(default_factory=list, repr=False)
    _writer: asyncio.Task[None] | None = None

    async def log(self, register: Register, sent: Sent) -> Logged:
        """What became of it, once that is committed; raises what ``intake.log_all`` answers or raises."""
        if sent.draft.files:  # what is wrong with one is found only when its complaint has a code
            found = (await run_in_threadpool(_write, register, [sent]))[0]
        else:
            answer: Answer = asyncio.get_running_loop().create_future()
            self._waiting.append((sent, answer))
            if self._writer is None or self._writer.done():
                self._writer = asyncio.create_task(self._write_all(register))
            found = await answer
        if isinstance(found, PopsError):
            raise found
        return found

    async def _write_all(self, register: Register) -> None:
        while self._waiting:
            taken, self._waiting = _differing(self._waiting)
            await _write_some(register, taken)


def _differing(waiting: Waiting) -> tuple[Waiting, Waiting]:
    """What is written next, and what stays; of requests of one name the second finds what the first wrote."""
    taken: Waiting = []
    left: Waiting = []
    names = set()
    for one in waiting:
        name = one[0].name[:2]
        (left if name in names or len(taken) == MOST else taken).append(one)
        names.add(name)
    return taken, left


async def _write_some(register: Register, taken: Waiting) -> None:
    try:
        found: Sequence[Logged | PopsError] = await run_in_threadpool(_write, register, [sent for sent, _ in taken])
    except Exception as failed:  # noqa: BLE001 (whatever it is, somebody waits for it)
        if len(taken) > 1 and not isinstance(failed, NotReady):  # one of them may be the reason: each by itself
            for one in taken:
                await _write_some(register, [one])
        else:
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(failed)
        return
    for (_, answer), said in zip(taken, found, strict=True):
        if not answer.done():
            answer.set_result(said)


def _write(register: Register, sent: Sequence[Sent]) -> Sequence[Logged | PopsError]:
    with register.write() as session:
        return intake.log_all(session, sent)
