"""The page where a customer follows their case: with its code and secret, typed into a form and never in an address."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import catalogues
from core.errors import Invalid, NotFound, PopsError
from core.i18n import gettext, moment, named, sentence
from core.register import rulebook
from core.register.api import messages, secret
from core.register.api.messages import Message
from core.register.reads import followed
from core.register.reads.followed import Followed
from core.rules.text import nfc
from core.web import html
from core.web.api import access
from core.web.api.complaints import wanted_words
from core.web.door import door_of

PATH = "/follow"
MAX_FORM = 200_000  # bytes: the longest text, each sign of it escaped
LONGEST = 20  # digits of a version


def form(request: Request) -> Response:
    """GET /follow: asks for code and secret."""
    return html.page(request, "follow.html", code="", problem="")


async def show(request: Request) -> Response:
    """POST /follow: where the case stands; with ``say`` what the customer says to it is taken first."""
    fields = await html.typed(request, at_most=MAX_FORM)
    return fields if isinstance(fields, Response) else await run_in_threadpool(_show, request, fields)


def _show(request: Request, fields: Mapping[str, str]) -> Response:
    html.use_language(request)
    code, typed, problem, done = fields.get("code", ""), fields.get("secret", ""), "", False
    try:
        access.check_tries(request)
        access.check_follower(request)
        if "say" in fields:
            try:
                _say(request, fields)
                done = True
            except NotFound:
                raise
            except PopsError as refused:
                problem = _sentence(refused)
        found = _read(request, code, typed)
    except NotFound as unknown:
        access.wrong_try(request)
        return html.page(request, "follow.html", status=404, code=code, problem=sentence(unknown))
    except HTTPException as wait:  # 429
        response = html.page(request, "follow.html", status=wait.status_code, code=code, problem=wait.detail)
        response.headers.update(wait.headers or {})
        return response
    return html.page(
        request,
        "followed.html",
        status=409 if problem else 200,
        case=found,
        standing=named("standing", found.standing),
        received=moment(found.received_at),
        said_at=moment(found.said_at) if found.said_at else "",
        wanted=[wanted_words(one) for one in found.wanted],
        secret=typed,
        text=fields.get("text", "") if problem else "",
        problem=problem,
        done=done,
    )


def _say(request: Request, fields: Mapping[str, str]) -> None:
    """Raises as ``messages.take`` does; a form that is sent twice shows a version that has passed."""
    door, version = door_of(request.scope), fields.get("version", "")
    said = Message(
        fields.get("code", ""),
        fields.get("secret", ""),
        fields["say"],
        nfc(fields.get("text", "").replace("\r\n", "\n")),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < LONGEST else 0,
    )
    with door.register.write() as session:
        messages.take(session, said, name=None, now=door.clock())


def _read(request: Request, code: str, typed: str) -> Followed:
    with door_of(request.scope).register.read() as session:
        complaint = secret.opens(session, code, typed)
        if complaint is None:
            raise NotFound(messages.NOT_YOURS)
        catalogues.use(rulebook.catalogues(session))
        return followed.read(session, complaint)


def _sentence(refused: PopsError) -> str:
    """What to mend of the text, which is the only field."""
    fields = list(refused.fields.values()) if isinstance(refused, Invalid) else []
    return gettext(fields[0]) if fields else sentence(refused)


ROUTES = [Route(PATH, form, methods=["GET"]), Route(PATH, show, methods=["POST"])]
