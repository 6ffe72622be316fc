"""Who may ask the API, how often, and under which name a request is done once."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.requests import Request

from core.i18n import N_, gettext
from core.register.api import keys
from core.register.api.keys import Key
from core.register.people import attempts
from core.web.api.problems import Problem
from core.web.door import door_of
from core.web.limits import address_of
from core.web.pace import Pace

REFERENCE = re.compile("[!-~]{1,255}")
TOO_OFTEN = N_("Too many requests came: try again in {seconds} seconds.")


def key_of(request: Request, scope: str) -> Key:
    """The key that the request carries and that may do ``scope``; reads the register.

    Raises Problem: 401 without a key in use, 403 for another scope or site than its own, 429 with ``Retry-After``.
    """
    door = door_of(request.scope)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    check_tries(request)
    with door.register.read() as session:
        key = keys.recognise(session, token.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        wrong_try(request)
        raise Problem(HTTPStatus.UNAUTHORIZED, gettext(keys.REFUSED), headers={"WWW-Authenticate": "Bearer"})
    if key.is_public:
        _check_site(request, key)
    if scope not in key.scopes:
        raise Problem(HTTPStatus.FORBIDDEN, gettext(N_("This key may not do this: ask an administrator for one.")))
    _take(request, door.api.keys, str(key.id))
    return key


def check_visitor(request: Request, key: Key) -> None:
    """429 where one address logs too many complaints by a key that anybody can read."""
    if key.is_public:
        _take(request, door_of(request.scope).api.visitors, network_of(request))


def check_follower(request: Request) -> None:
    """429 where one address asks too often on the page where a case is followed."""
    _take(request, door_of(request.scope).api.followers, network_of(request))


def check_tries(request: Request) -> None:
    """429 where too many wrong keys and secrets came from the address."""
    door = door_of(request.scope)
    _refuse(door.api.wrong.wait(network_of(request), door.clock()))


def wrong_try(request: Request) -> None:
    """A key or a secret was wrong."""
    door = door_of(request.scope)
    door.api.wrong.take(network_of(request), door.clock())


def reference_of(request: Request) -> str:
    """The ``Idempotency-Key``; Problem 400 without one, or with one that is none."""
    found = request.headers.get("idempotency-key", "")
    if not REFERENCE.fullmatch(found):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            gettext(
                N_("Send an Idempotency-Key without blanks, such as a UUID, and the same one when you send it again.")
            ),
        )
    return found


def network_of(request: Request) -> str:
    """What counts as one address."""
    return attempts.network_of(address_of(request))


def _check_site(request: Request, key: Key) -> None:
    origin = request.headers.get("origin")
    if origin not in key.origins:
        raise Problem(HTTPStatus.FORBIDDEN, gettext(N_("This key belongs to another site.")))
    request.state.origin = origin


def _take(request: Request, pace: Pace, what: str) -> None:
    _refuse(pace.take(what, door_of(request.scope).clock()))


def _refuse(seconds: int) -> None:
    if seconds:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            gettext(TOO_OFTEN).format(seconds=seconds),
            headers={"Retry-After": str(seconds)},
        )
