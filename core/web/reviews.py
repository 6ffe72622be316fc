"""The files of a weekly review, of which the log records who took them."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import catalogues
from core.papers import pack, review_words
from core.register import rulebook
from core.register.log.act import Act
from core.rules import policy, roles
from core.rules.calendar import local_day
from core.web import exports
from core.web.door import door_of, require

PATH = "/export/reviews/{week}.{kind}"


def file(request: Request) -> Response:
    """GET /export/reviews/2026-W47.pptx: the slides; ``.pdf``: the minutes.

    401 without a session, 403 for a role that does not export or open the review, or who does not see every complaint;
    404 for no such week or kind. The log records who took which.
    """
    person, door = require(request, "export"), door_of(request.scope)
    with door.register.read() as session:
        is_limited = bool(policy.limits(person, rulebook.catalogues(session)))
        catalogues.use(rulebook.catalogues(session))
    if is_limited or not roles.may_open(person.role, "meeting"):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    monday, kind = review_words.named(request.path_params["week"]), request.path_params["kind"]
    act = Act(person, door.clock())
    if monday is None or monday > local_day(act.now) or kind not in pack.KINDS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    name = pack.name_of(monday, kind)
    answer = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if request.method == "HEAD":
        return Response(media_type=pack.KINDS[kind], headers=answer)
    content = pack.make(door.register, monday, kind, act.now, person)
    exports.record(door, act, {"review": review_words.week_name(monday), "format": kind})
    return Response(content, media_type=pack.KINDS[kind], headers=answer)


ROUTES = [Route(PATH, file, methods=["GET"])]
