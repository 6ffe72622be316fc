"""Uploads on their way: who may send a file, into which session, and how many bytes may wait in memory for their step.

Streamlit keeps an uploaded file in memory until its form is saved or its tab is closed. The gate counts these bytes per
person and in all, so that nobody fills the memory of the machine, lets only a few uploads through at a time, and gives
up a body that does not come.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.i18n import N_, gettext
from core.register.case.file_kinds import MAX_FILM
from core.register.log.tables import Person
from core.rules import roles

MEGABYTE = 1 << 20
FRAME = MEGABYTE  # bytes of a form around the file in it
IN_ALL = 600 * MEGABYTE
PER_PERSON = IN_ALL // 6  # so that a few slow people do not fill it; a film and its frame still fit
AT_ONCE = 2  # turns: read at the same time; the others wait without being read
TURN = 5  # seconds that a turn lasts: a body that takes longer comes slowly, costs little and is read on without one
STALL = 15  # seconds without a byte after which a body is given up
GRACE, SLOWEST = 10, 16 * 1024  # given up after 10 s, and one more for each so many bytes that came
PATH = "/_stcore/upload_file/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upload goes: the tab (Streamlit's session) and the file's number in it."""

    session_id: str
    file_id: str

    @classmethod
    def of(cls, path: str) -> Place | None:
        """``/_stcore/upload_file/{session}/{file}``; None for any other path."""
        session_id, slash, file_id = path.removeprefix(PATH).partition("/")
        is_one = path.startswith(PATH) and session_id and slash and file_id and "/" not in file_id
        return cls(session_id, file_id) if is_one else None


@dataclass(slots=True)
class Pending:
    """One upload that was let through; ``done``: whether Streamlit has all of it."""

    person_id: int
    size: int
    done: bool = False


@dataclass(eq=False, slots=True)
class Turn:
    """One upload of ``person_id`` that waits for its turn or has it."""

    person_id: int
    has_come: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Turns:
    """``AT_ONCE`` turns. The next is of whoever has fewest, then of whoever has waited longest for another one."""

    reading: list[Turn] = field(default_factory=list)
    waiting: list[Turn] = field(default_factory=list)
    served: dict[int, int] = field(default_factory=dict)  # person id → number of the last turn given to them
    given: int = 0

    @asynccontextmanager
    async def taken(self, person_id: int) -> AsyncIterator[None]:
        """Wait for a turn; it ends with the block, or after ``TURN`` seconds."""
        turn = Turn(person_id)
        self.waiting.append(turn)
        self._give()
        try:
            await turn.has_come.wait()
            end = asyncio.get_running_loop().call_later(TURN, self._end, turn)
            try:
                yield
            finally:
                end.cancel()
        finally:
            self._end(turn)

    def _give(self) -> None:
        while self.waiting and len(self.reading) < AT_ONCE:
            turn = min(self.waiting, key=self._claim)
            self.waiting.remove(turn)
            self.reading.append(turn)
            self.given += 1
            self.served[turn.person_id] = self.given
            turn.has_come.set()

    def _claim(self, turn: Turn) -> tuple[int, int]:
        has = sum(other.person_id == turn.person_id for other in self.reading)
        return has, self.served.get(turn.person_id, 0)

    def _end(self, turn: Turn) -> None:
        for turns in (self.waiting, self.reading):
            if turn in turns:
                turns.remove(turn)
        self._give()


def nobody(_session_id: str) -> int | None:
    """No tab is anybody's: where no pages are served, nothing is uploaded."""
    return None


def nothing(_session_id: str, _file_id: str) -> bool:
    """No file is kept."""
    return False


@dataclass
class Uploads:
    """The uploads of this process.

    ``owner_of``: session id → id of the person whose tab it is, None for no open tab. ``is_held``: whether a file of
    that session is still in memory. Used on the event loop only, so nothing here needs a lock.
    """

    owner_of: Callable[[str], int | None] = nobody
    is_held: Callable[[str, str], bool] = nothing
    pending: dict[Place, Pending] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)

    def refusal(self, request: Request, person: Person) -> Response | None:
        """The answer to an upload that may not be: 403 for a role that attaches nothing or another person's tab, 411
        without a length, 413 where it is too large or too much of it waits.
        """
        place = Place.of(request.scope["path"])
        if not roles.attaches(person.role):
            return _refused(HTTPStatus.FORBIDDEN, N_("Your role does not permit this: ask an administrator."))
        if place is None or self.owner_of(place.session_id) != person.id:
            return _refused(
                HTTPStatus.FORBIDDEN, N_("This page was opened by somebody else, or is closed: open it again.")
            )
        if request.method != "PUT":
            return None
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            return _refused(HTTPStatus.LENGTH_REQUIRED, N_("The upload does not say how large it is: send it again."))
        if len(length) > len(str(IN_ALL)) or int(length) > MAX_FILM + FRAME:
            return _refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, N_("The file is too large: at most {size} MB."), MAX_FILM
            )
        return self._quota_refusal(person, int(length))

    async def pass_on(self, app: ASGIApp, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand an upload that was not refused to ``app`` when its turn comes, and count it while it is kept.

        Its body has a deadline (``in_time``).
        """
        place = Place.of(scope["path"])
        assert place is not None
        if scope["method"] != "PUT":
            await app(scope, receive, send)
            return
        length = int(dict(scope["headers"])[b"content-length"])
        with self._counted(place, Pending(person.id, length)) as upload:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    upload.done = message["status"] == HTTPStatus.NO_CONTENT
                await send(message)

            async with self.turns.taken(person.id):
                await app(scope, in_time(receive), send_and_note)

    def waiting(self, person_id: int | None = None) -> int:
        """Bytes on their way or in memory, of that person or of everybody; what is gone by now is forgotten."""
        for place, upload in list(self.pending.items()):
            if upload.done and not self.is_held(place.session_id, place.file_id):
                del self.pending[place]
        return sum(each.size for each in self.pending.values() if person_id in (None, each.person_id))

    @contextmanager
    def _counted(self, place: Place, upload: Pending) -> Iterator[Pending]:
        self.pending[place] = upload
        try:
            yield upload
        finally:
            if not upload.done and self.pending.get(place) is upload:
                del self.pending[place]

    def _quota_refusal(self, person: Person, size: int) -> Response | None:
        if self.waiting(person.id) + size > PER_PERSON:
            return _refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                N_("Files of more than {size} MB wait to be saved: save or remove some, then choose this one again."),
                PER_PERSON,
            )
        if self.waiting() + size > IN_ALL:
            return _refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                N_("Too many files are being sent at the moment: try again in a minute."),
                headers={"Retry-After": "60"},
            )
        return None


def in_time(receive: Receive) -> Receive:
    """``receive`` of a body that must come; what comes after it may take its time.

    HTTPException 408 after ``STALL`` seconds without a byte, or where the body is slower than ``SLOWEST`` bytes a
    second after the first ``GRACE`` seconds.
    """
    begun, came, is_whole = time.monotonic(), 0, False

    async def receive_in_time() -> Message:
        nonlocal came, is_whole
        if is_whole:
            return await receive()
        left = begun + GRACE + came / SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(min(STALL, left)):
                message = await receive()
        except TimeoutError:
            raise HTTPException(
                HTTPStatus.REQUEST_TIMEOUT,
                gettext(N_("The file came too slowly: choose it again, on a better connection where there is one.")),
                headers={"Connection": "close"},
            ) from None
        came += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        return message

    return receive_in_time


def _refused(status: int, text: str, size: int = 0, headers: dict[str, str] | None = None) -> Response:
    """A sentence; ``size``, in bytes, is named in MB. The connection ends, since the body was not read."""
    return PlainTextResponse(
        gettext(text).format(size=size // MEGABYTE),
        status_code=status,
        headers={"Connection": "close"} | (headers or {}),
    )
