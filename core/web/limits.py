"""Limits of signing in: a line that ends somewhere, and so many wrong tries of one address and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.i18n import N_, gettext
from core.register.people import attempts
from core.web import html, new_password
from core.web.door import door_of


async def in_line(request: Request, work: Callable[[], Response]) -> Response:
    """What ``work`` (hashing a password, trying a code) answers; 429 with ``Retry-After`` where too many wait or tried.

    Every answer from 400 on is a wrong try and counts. Whoever may not try at all is refused before: that costs little
    and is no try.
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


def verdict(request: Request, fields: Mapping[str, str], own: Iterable[str]) -> Response:
    """How strong the typed password is (``new_password.verdict``): no try and not in the line, but not without end."""
    door = door_of(request.scope)
    wait = door.questions.take(attempts.network_of(address_of(request)), door.clock())
    if wait:
        return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(wait)})
    return new_password.verdict(fields, own)


def _counted(request: Request, work: Callable[[], Response]) -> Response:
    door, address = door_of(request.scope), address_of(request)
    wait = attempts.take(door.register, address, now=door.clock())
    if wait:
        return _come_back(
            request, N_("Too many wrong tries came from your network: try again in {seconds} seconds."), wait
        )
    response = work()
    if response.status_code < HTTPStatus.BAD_REQUEST:
        attempts.give_back(door.register, address, now=door.clock())
    return response


def address_of(request: Request) -> str:
    """The visitor's address, as a trusted proxy says it."""
    return request.client.host if request.client else "?"


def _come_back(request: Request, text: str, seconds: int) -> Response:
    html.use_language(request)
    response = html.message(
        request,
        title=N_("Please wait a moment"),
        text=gettext(text).format(seconds=seconds),
        status=HTTPStatus.TOO_MANY_REQUESTS,
        link=(html.here(request), N_("Try again")),
    )
    response.headers["Retry-After"] = str(seconds)
    return response
