"""The answer when a route refuses or fails: a sentence, and a number under which the log has the place."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import HTTPExceptionHandler

from core.errors import Unavailable, place
from core.i18n import N_, gettext
from core.register.log.failures import NO_ANSWER
from core.web import headers, html
from core.web.api import PREFIX, problems
from core.web.door import SCOPE_KEY, Door
from core.web.origin import own_address

log = logging.getLogger(__name__)
LOST = N_("Something went wrong here. Try again; if it stays, give the administrator this number: {reference}.")
WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
# How Streamlit and uvicorn begin what they log about an error in a page or a route.
LOGGED_ALREADY = ("Uncaught app execution", "Exception in ASGI application")


async def refused(request: Request, error: Exception) -> Response:
    """Our sentence as a page for a browser, as text for a program; Streamlit's own refusals as they are."""
    assert isinstance(error, HTTPException)
    if error.status_code in WITHOUT_BODY:
        return Response(status_code=error.status_code, headers=error.headers)
    if is_of_api(request):
        return problems.answer(request, error)
    if "text/html" not in request.headers.get("accept", "") or error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return PlainTextResponse(error.detail, status_code=error.status_code, headers=error.headers)
    return await run_in_threadpool(
        html.message,
        request,
        title=N_("This cannot be opened"),
        text=error.detail,
        status=error.status_code,
        link=("/", N_("Open the first page")),
    )


async def broken(request: Request, error: Exception) -> Response:
    """The sentence with its number; the log gets number and place, never what was sent."""
    if isinstance(error, Unavailable):
        return await unavailable(request, error)
    reference = secrets.token_hex(3).upper()
    log.error("%s %s %s", reference, _path(request), place(error))
    return _guarded(request, _said(request, LOST, HTTPStatus.INTERNAL_SERVER_ERROR, reference=reference))


async def unavailable(request: Request, error: Exception) -> Response:
    """503 with the sentence, as a page for a browser, as text for a program; the log gets place and cause."""
    log.error("%s %s: %s", _path(request), place(error), error)
    if is_of_api(request) or "text/html" not in request.headers.get("accept", ""):
        response = _said(request, NO_ANSWER, HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        response = html.message(
            request,
            title=N_("The register does not answer"),
            text=NO_ANSWER,
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            link=(own_address(request), N_("Try again")),
        )
    response.headers["Retry-After"] = "10"
    return _guarded(request, response)


def is_of_api(request: Request) -> bool:
    """Whether a program asks the API, which is answered as RFC 9457 says."""
    return str(request.scope["path"]).startswith(PREFIX)


def _said(request: Request, template: str, status: HTTPStatus, **values: object) -> Response:
    """One sentence in the reader's language."""
    if is_of_api(request):
        problems.use_language(request)
        return problems.answer(request, HTTPException(status, gettext(template).format(**values)))
    html.use_language(request)
    return PlainTextResponse(gettext(template).format(**values), status_code=status)


def _path(request: Request) -> str:
    """The path for the log, where a line end in it stays inside the line."""
    return quote(request.scope["path"])


def _guarded(request: Request, response: Response) -> Response:
    """Security headers, which no middleware adds to the answer to an error: Starlette makes it outside all of them."""
    door: Door | None = request.scope.get(SCOPE_KEY)
    is_https = request.scope.get("scheme") == "https" or (door is not None and door.settings.is_https)
    headers.add_to(response.headers, is_https=is_https)
    return response


class NotLoggedTwice(logging.Filter):
    """Keeps the server from logging an error a second time, with its message: the first time had number and place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record may be written."""
        return record.exc_info is None or not record.getMessage().startswith(LOGGED_ALREADY)


HANDLERS: dict[type[Exception], HTTPExceptionHandler] = {
    HTTPException: refused,
    Unavailable: unavailable,
    Exception: broken,
}
