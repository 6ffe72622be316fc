"""The gate: without a session there is no page, no upload, no file of a page and no count of who is signed in."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.i18n import N_
from core.register.people.setup import needs_setup
from core.rules import roles
from core.settings import SESSION_COOKIE
from core.web import html
from core.web.door import SCOPE_KEY, Door, clear_cookie
from core.web.origin import HOME
from core.web.session import STEP_PATHS, not_set_up

# Open to everybody: sign-in itself, health, and files of the program that hold nothing of the register.
OPEN = ("/sign-in", *STEP_PATHS.values(), "/sign-out", "/setup", "/invite", "/healthz")
PROGRAM = ("/_stcore/", "/static/", "/app/static/", "/component/", "/vendor/", "/manifest.json", "/favicon")
# Of the register but never a navigation: refused with 403 instead of being sent to the sign-in form.
PRIVATE = ("/_stcore/upload_file", "/_stcore/metrics", "/media/")


class Gate:
    """ASGI middleware that puts the door on the request and lets navigations through only with a valid session.

    It is the outer of two: every page checks again on every run (``core.ui.frame``), every data route by ``require``.
    Websockets pass: a page without a session shows nothing but the way to the sign-in form.
    """

    def __init__(self, app: ASGIApp, door: Door, beside: frozenset[str] = frozenset()) -> None:
        """``beside``: first words of the paths that routes beside the pages answer (``export``)."""
        self.app = app
        self.door = door
        self.beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in place of the app, or pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[SCOPE_KEY] = self.door
        request = Request(scope)
        answer = await run_in_threadpool(self._refusal, request) if _is_guarded(request) else None
        await (answer or self.app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        person = self.door.person(request)
        if person is not None:
            request.state.language = person.language
            return self._astray(request)
        if request.url.path.startswith(PRIVATE):
            return Response(status_code=403)
        with self.door.register.read() as session:
            if needs_setup(session):
                return not_set_up(request)
        response = RedirectResponse(sign_in_link(_wanted(request)), status_code=303)
        response.headers["Cache-Control"] = "no-store"
        if SESSION_COOKIE in request.cookies and self.door.signing_in(request) is None:
            clear_cookie(response, request)
        return response

    def _astray(self, request: Request) -> Response | None:
        """The answer to somebody signed in whose address leads nowhere."""
        first, *rest = request.url.path.strip("/").split("/")
        if first == roles.FIRST_PAGE and not rest:
            return RedirectResponse("/" + (f"?{request.url.query}" if request.url.query else ""), status_code=307)
        if (
            first == ""
            or (first in roles.PAGES and not rest)
            or first in self.beside
            or request.url.path.startswith(PRIVATE)
        ):
            return None
        return html.message(
            request,
            title=N_("There is no such page"),
            text=N_("The address is not right, or the page is gone."),
            status=404,
            link=("/", N_("Open the first page")),
        )


def sign_in_link(wanted: str) -> str:
    """The address of the sign-in form that leads on to ``wanted``."""
    return "/sign-in" if wanted == HOME else "/sign-in?next=" + quote(wanted, safe="/")


def first_words(routes: Iterable[Route]) -> frozenset[str]:
    """``/export/{name}`` → ``export``."""
    return frozenset(route.path.split("/")[1] for route in routes)


def _is_guarded(request: Request) -> bool:
    path = request.url.path
    if path.startswith(PRIVATE):
        return True
    if path in OPEN or path.startswith(PROGRAM):
        return False
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def _wanted(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
