"""Limits of signing in: a line that ends somewhere, and so many wrong tries of one address and no more."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.i18n import N_, gettext
from core.register.people import attempts
from core.web import html
from core.web.door import door_of


async def in_line(request: Request, work: Callable[[], Response]) -> Response:
    """What ``work`` (checking a password) answers; 429 with ``Retry-After`` where too many wait or tried in vain.

    Only an answer that sends the browser on, to what it asked for, is a right try; every other one counts.
    """
    line = door_of(request.scope).line
    if line.is_full:
        return await run_in_threadpool(
            _come_back,
            request,
            N_("Many people are signing in at the moment: try again in {seconds} seconds."),
            line.wait,
        )
    return await line.run(_counted, request, work)


def _counted(request: Request, work: Callable[[], Response]) -> Response:
    door, address = door_of(request.scope), request.client.host if request.client else "?"
    wait = attempts.take(door.register, address, now=door.clock())
    if wait:
        return _come_back(
            request, N_("Too many wrong tries came from your network: try again in {seconds} seconds."), wait
        )
    response = work()
    if response.status_code == HTTPStatus.SEE_OTHER:
        attempts.give_back(door.register, address, now=door.clock())
    return response


def _come_back(request: Request, text: str, seconds: int) -> Response:
    html.use_language(request)
    response = html.message(
        request,
        title=N_("Please wait a moment"),
        text=gettext(text).format(seconds=seconds),
        status=HTTPStatus.TOO_MANY_REQUESTS,
        link=(html.here(request), N_("Sign in")),
    )
    response.headers["Retry-After"] = str(seconds)
    return response
