"""Signing in and out over plain HTTP, because only an HTTP answer can set a cookie no script can read."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import PopsError
from core.i18n import N_, sentence
from core.register.people import attempts, sign_ins
from core.register.people.devices import device
from core.register.people.setup import needs_setup
from core.register.people.sign_ins import Browser
from core.settings import SESSION_COOKIE
from core.web import html, limits
from core.web.door import clear_cookie, door_of, set_cookie
from core.web.origin import HOME, safe_next

log = logging.getLogger(__name__)
MAX_LOGIN = 64  # of a login name that is shown again; longer ones are none
# Where the steps after the password are taken (``core.web.entry``).
STEP_PATHS = {"code": "/sign-in/code", "password": "/sign-in/password", "second_factor": "/sign-in/second-factor"}


def sign_in_form(request: Request) -> Response:
    """GET /sign-in: the form; somebody who is signed in goes on, a dead cookie is taken away."""
    door = door_of(request.scope)
    if door.person(request) is not None:
        return go_on(request.query_params.get("next"))
    half_way = door.signing_in(request)
    if half_way is not None:
        return to_step(request, half_way[1])
    with door.register.read() as session:
        if needs_setup(session):
            return not_set_up(request)
    response = _form(request)
    if SESSION_COOKIE in request.cookies:
        clear_cookie(response, request)
    return response


async def sign_in(request: Request) -> Response:
    """POST /sign-in: checks the password and sets the cookie, or shows the form again with what was typed."""
    fields = await html.typed(request)
    if isinstance(fields, Response):
        return fields
    return await limits.in_line(request, lambda: _sign_in(request, fields.get("login", ""), fields.get("password", "")))


async def sign_out(request: Request) -> Response:
    """POST /sign-out: ends the session in the register and takes the cookie away."""
    fields = await html.typed(request)
    if isinstance(fields, Response):
        return fields
    return await run_in_threadpool(_sign_out, request)


def stay(_request: Request) -> Response:
    """GET /sign-out: signs nobody out, since any site could lead here; to the first page."""
    return go_on(None)


def enter(request: Request, token: str) -> Response:
    """Give the browser the session, and send it where it wanted to go, or to the step that is owed before that."""
    door = door_of(request.scope)
    with door.register.read() as session:
        half_way = sign_ins.awaited(session, token, now=door.clock())
        person = sign_ins.who(session, token, now=door.clock())
    if person is not None:
        log.info("signed in: person %d", person.id)
    response = to_step(request, half_way[1]) if half_way else go_on(request.query_params.get("next"))
    set_cookie(response, request, token)
    return response


def to_step(request: Request, step: str) -> Response:
    """Send the browser to the page of a step after the password; where it wanted to go is carried along."""
    wanted = safe_next(request.query_params.get("next"))
    query = "" if wanted == HOME else "?" + urlencode({"next": wanted})
    response = RedirectResponse(STEP_PATHS[step] + query, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    return response


def go_on(wanted: str | None) -> Response:
    """Send the browser to ``wanted`` if that is a path of this server, else to the first page."""
    response = RedirectResponse(safe_next(wanted), status_code=303)
    response.headers["Cache-Control"] = "no-store"
    return response


def not_set_up(request: Request) -> Response:
    """The page of a register without a first administrator; it does not name another way to get the code."""
    return html.message(
        request,
        title=N_("The register is not set up yet"),
        text=N_("Open the link with the set-up code that the terminal showed when the program started."),
        status=403,
    )


def _sign_in(request: Request, login: str, password: str) -> Response:
    html.use_language(request)
    door = door_of(request.scope)
    try:
        browser = Browser(
            attempts.near(limits.address_of(request)),
            device(request.headers.get("user-agent")),
            request.cookies.get(SESSION_COOKIE),
        )
        token = sign_ins.sign_in(door.register, login, password, browser, now=door.clock())
    except PopsError as error:
        log.warning("sign-in refused")
        return _form(request, login=login, problem=sentence(error), status=422)
    return enter(request, token)


def _sign_out(request: Request) -> Response:
    door = door_of(request.scope)
    with door.register.write() as session:
        token, now = request.cookies.get(SESSION_COOKIE), door.clock()
        person = sign_ins.who(session, token, now=now)
        sign_ins.sign_out(session, token, now=now)
        sign_ins.give_up(session, token, now=now)
    if person is not None:
        log.info("signed out: person %d", person.id)
    response = RedirectResponse("/sign-in", status_code=303)
    clear_cookie(response, request)
    return response


def _form(request: Request, *, login: str = "", problem: str = "", status: int = 200) -> Response:
    leads_on = safe_next(request.query_params.get("next")) != HOME
    return html.page(
        request, "sign_in.html", status=status, login=login[:MAX_LOGIN], problem=problem, leads_on=leads_on
    )


ROUTES = [
    Route("/sign-in", sign_in_form, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", stay, methods=["GET"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
