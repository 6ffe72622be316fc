"""The door of the routes beside the pages: whose session cookie a request carries, and what that person may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from core import catalogues, clock
from core.i18n import N_, gettext, use
from core.register import rulebook
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import sign_ins
from core.rules import roles
from core.settings import SESSION_COOKIE, Settings
from core.web.api.desk import Desk
from core.web.api.limits import Limits
from core.web.line import Line
from core.web.pace import Pace
from core.web.uploads import Uploads

SCOPE_KEY = "pops.door"
# How strong a password is, asked while it is typed: one who types asks twice a second, and thinks in between.
QUESTIONS, QUESTION_PAUSE = 60, timedelta(seconds=1)


def utc_now() -> datetime:
    """The clock of the routes; tests put their own here."""
    return clock.utc_now()


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes need: register, settings, clock, how sample data is filled in (set-up), uploads, limits;
    limits of the API, and the desk at which its complaints wait to be written.
    """

    register: Register
    settings: Settings
    clock: Callable[[], datetime] = utc_now
    fill_sample: Callable[[int], None] | None = None
    uploads: Uploads = field(default_factory=Uploads)
    line: Line = field(default_factory=Line)
    questions: Pace = field(default_factory=lambda: Pace(QUESTIONS, QUESTION_PAUSE))
    api: Limits = field(default_factory=Limits)
    desk: Desk = field(default_factory=Desk)

    def person(self, connection: HTTPConnection, *, used: bool = True) -> Person | None:
        """Whose session cookie the request carries; None without a valid one. Two indexed reads.

        ``used``: whether the session counts as used by it, which puts off its idle end.
        """
        token = connection.cookies.get(SESSION_COOKIE)
        return sign_ins.recognise(self.register, token, now=self.clock(), used=used) if token else None

    def signing_in(self, connection: HTTPConnection) -> tuple[Person, str] | None:
        """Who has given the password and owes the step that is named (``sign_ins.STEPS``); None for everybody else."""
        token = connection.cookies.get(SESSION_COOKIE)
        with self.register.read() as session:
            return sign_ins.awaited(session, token, now=self.clock())


def door_of(scope: Scope) -> Door:
    """The door the gate put on the request."""
    door: Door = scope[SCOPE_KEY]
    return door


def require(request: Request, name: str, *, used: bool = True) -> Person:
    """The person behind ``request``, who may do the action, or open the page, ``name``; ``used`` as in ``Door.person``.

    Reads the register, so call it from a plain ``def`` route or a thread, not on the event loop. Raises HTTPException:
    401 without a valid session, 403 for a closed account and when the role does not permit it, each with a sentence.
    From here on the route uses the person's language and the names that the register has now.
    """
    door = door_of(request.scope)
    person = door.person(request, used=used)
    if person is None:
        raise _nobody(door, request)
    use(person.language)
    permitted = roles.may_open(person.role, name) if name in roles.PAGES else roles.may(person.role, name)
    if not permitted:
        raise HTTPException(HTTPStatus.FORBIDDEN, gettext(N_("Your role does not permit this: ask an administrator.")))
    with door.register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    return person


def _nobody(door: Door, request: Request) -> HTTPException:
    """Who asks without a session is told to sign in, or, in their language, that their account is closed."""
    with door.register.read() as session:
        closed = sign_ins.closed_account(session, request.cookies.get(SESSION_COOKIE))
    if closed is None:
        return HTTPException(HTTPStatus.UNAUTHORIZED, gettext(N_("Sign in first, then try again.")))
    use(closed.language)
    return HTTPException(HTTPStatus.FORBIDDEN, gettext(sign_ins.CLOSED))


def set_cookie(response: Response, request: Request, token: str) -> None:
    """Give the browser the session: unreadable for scripts, not sent along by other sites, Secure over https."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(sign_ins.LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def clear_cookie(response: Response, request: Request) -> None:
    """Take the session cookie away."""
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=_is_secure(request))


def _is_secure(request: Request) -> bool:
    settings = door_of(request.scope).settings
    if settings.secure_cookie is not None:
        return settings.secure_cookie
    return settings.is_https or request.url.scheme == "https"
