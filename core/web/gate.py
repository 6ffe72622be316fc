"""The gate: no request for another host, and without a session no page, no websocket, no upload, no file of a page."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.i18n import N_, gettext
from core.register.log.tables import Person
from core.register.people.setup import needs_setup
from core.rules import roles
from core.settings import PERSON_HEADER, SESSION_COOKIE, sign_in_link
from core.web import html, uploads
from core.web.api import PREFIX
from core.web.door import SCOPE_KEY, Door, clear_cookie
from core.web.origin import has_own_origin, is_known_host, own_address
from core.web.session import STEP_PATHS, not_set_up

# Open to everybody: sign-in itself, health, files of the program that hold nothing of the register, and what asks for
# a key or a secret of its own (D41).
OPEN = ("/sign-in", *STEP_PATHS.values(), "/sign-out", "/setup", "/invite", "/healthz", "/metrics", "/follow")
PROGRAM = ("/_stcore/", "/static/", "/app/static/", "/component/", "/vendor/", "/manifest.json", "/favicon")
# Of the register but never a navigation: refused with 403 instead of being sent to the sign-in form.
PRIVATE = ("/_stcore/upload_file", "/_stcore/metrics", "/media/")
# Of Streamlit and never served: its way in for programs, which knows no session of ours.
CLOSED = "/_stcore/agent"
STREAM = "/_stcore/stream"
MAX_FILE_NAME = 255  # bytes, on every file system
POLICY_VIOLATION = 1008  # of a websocket that is refused; before it is accepted the server answers 403


class Gate:
    """ASGI middleware that puts the door on the request and lets through what has a valid session, for this host.

    It is the outer of two: every page checks again on every run (``core.ui.frame``), every data route by ``require``.
    It decides by the path of the scope, as the routes do; ``request.url`` leaves some signs out. A foreign ``Host`` or
    ``Origin`` never reaches Streamlit, which would ask an outside address for its own.
    """

    def __init__(self, app: ASGIApp, door: Door, beside: frozenset[str] = frozenset()) -> None:
        """``beside``: first words of the paths that routes beside the pages answer (``export``)."""
        self.app = app
        self.door = door
        self.beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in place of the app, or pass the request on."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[SCOPE_KEY] = self.door
        request = Request(scope)
        if not is_known_host(request.headers, self.door.settings):
            html.use_language(request)
            await _unknown_host()(scope, receive, send)
        elif scope["path"].startswith(CLOSED) or _is_too_long(scope["path"]):
            await Response(status_code=HTTPStatus.NOT_FOUND)(scope, receive, send)
        elif scope["path"].startswith(uploads.PATH):
            await self._upload(scope, receive, send)
        else:
            answer = await run_in_threadpool(self._refusal, request) if _is_guarded(request) else None
            await (answer or self.app)(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a page's own websocket on, with who opened it; refuse any other before it is accepted (403)."""
        connection = HTTPConnection(scope)
        person = await self._visitor(connection)
        if person is None:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
            return
        headers = MutableHeaders(scope=scope)
        headers[PERSON_HEADER] = str(person.id)
        # Streamlit compares them again and asks the network where they differ, as behind a proxy that rewrites Host.
        headers["origin"] = f"http://{headers['host']}"
        await self.app(scope, receive, send)

    async def _visitor(self, connection: HTTPConnection) -> Person | None:
        """Who opens this websocket; None for a stranger, another path, host or site. The cheap checks come first."""
        settings, headers = self.door.settings, connection.headers
        if connection.scope["path"] != STREAM or not is_known_host(headers, settings):
            return None
        if not has_own_origin(headers, settings.base_url):
            return None
        return await run_in_threadpool(self.door.person, connection)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, sent = Request(scope), self.door.uploads
        person = await run_in_threadpool(self.door.person, request)
        if person is None:
            await Response(status_code=HTTPStatus.FORBIDDEN)(scope, receive, send)
            return
        request.state.language = person.language
        html.use_language(request)
        answer = sent.refusal(request, person)
        if answer:
            await answer(scope, receive, send)
        else:
            await sent.pass_on(self.app, person, scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        person = self.door.person(request)
        if person is not None:
            request.state.language = person.language
            return self._astray(request)
        if request.scope["path"].startswith(PRIVATE):
            return Response(status_code=403)
        with self.door.register.read() as session:
            if needs_setup(session):
                return not_set_up(request)
        response = RedirectResponse(sign_in_link(own_address(request)), status_code=303)
        response.headers["Cache-Control"] = "no-store"
        if SESSION_COOKIE in request.cookies and self.door.signing_in(request) is None:
            clear_cookie(response, request)
        return response

    def _astray(self, request: Request) -> Response | None:
        """The answer to somebody signed in whose address leads nowhere."""
        first, *rest = request.scope["path"].strip("/").split("/")
        if first == roles.FIRST_PAGE and not rest:
            return RedirectResponse("/" + (f"?{request.url.query}" if request.url.query else ""), status_code=307)
        if (
            first == ""
            or (first in roles.PAGES and not rest)
            or first in self.beside
            or request.scope["path"].startswith(PRIVATE)
        ):
            return None
        return html.message(
            request,
            title=N_("There is no such page"),
            text=N_("The address is not right, or the page is gone."),
            status=404,
            link=("/", N_("Open the first page")),
        )


def _unknown_host() -> Response:
    sentence = N_(
        "The register does not answer to this name: an administrator sets BASE_URL to the address people type."
    )
    return PlainTextResponse(gettext(sentence), status_code=HTTPStatus.BAD_REQUEST)


def first_words(routes: Iterable[Route]) -> frozenset[str]:
    """``/export/{name}`` → ``export``."""
    return frozenset(route.path.split("/")[1] for route in routes)


def _is_guarded(request: Request) -> bool:
    path = request.scope["path"]
    if path.startswith(PRIVATE):
        return True
    if path in OPEN or path.startswith((*PROGRAM, PREFIX)):
        return False
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def _is_too_long(path: str) -> bool:
    """Whether a part of the path is longer than any file name: looking for it as a file would be an error."""
    return any(len(part.encode("utf-8", "surrogatepass")) > MAX_FILE_NAME for part in path.split("/"))
