"""The files of a weekly review: as frozen where its meeting is closed, else as it stands now."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import catalogues
from core.insight import facts
from core.papers import minutes, review, review_words, slides
from core.register import rulebook
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.people import accounts
from core.rules import policy, roles
from core.rules.calendar import local_day
from core.web.door import door_of, require

PATH = "/export/reviews/{week}.{kind}"
KINDS = {"pptx": slides.MEDIA_TYPE, "pdf": minutes.MEDIA_TYPE}


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
    if monday is None or monday > local_day(act.now) or kind not in KINDS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    found, meeting = review.of_week(door.register, monday, act.now, person)
    if kind == "pdf":
        name, known = minutes.file_name(found), facts.current(door.register)
        with door.register.read() as session:
            content = minutes.pdf(session, known, found, meeting, act.now)
    else:
        name, content = slides.file_name(found), slides.pack(found, meeting)
    week = review_words.week_name(monday)
    with door.register.write() as session:
        accounts.check_may(session, act, "export")
        payload = {"review": week, "format": kind}
        seal.append(session, Subject("export", person.id), "exported", payload, act.stamp)
    answer = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=KINDS[kind], headers=answer)


ROUTES = [Route(PATH, file, methods=["GET"])]
