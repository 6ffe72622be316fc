"""The whole file of a case as a PDF, for whoever may open its page; the log records who took it."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import NotAllowed, NotFound
from core.i18n import sentence
from core.register.log.act import Act
from core.register.reads import papers
from core.rules.roles import sees_personal_data
from core.web.door import door_of, require
from core.web.evidence import IN_VIEWER, PDF


def case_file(request: Request) -> Response:
    """GET /papers/{code}.pdf: facts, clocks with their reasons, timeline, evidence with digests; as on its page.

    401 without a session, 403 and 404 as the page of the case. Whole only for roles that see personal data.
    """
    person, door = require(request, "complaint"), door_of(request.scope)
    code, now = request.path_params["code"], door.clock()
    try:
        with door.register.read() as session:
            made = papers.file_of(session, code, by=person, now=now)
        if request.method != "HEAD":
            with door.register.write() as session:
                papers.log_taken(session, code, Act(person, now), whole=sees_personal_data(person.role))
    except NotFound as missing:
        raise HTTPException(HTTPStatus.NOT_FOUND, sentence(missing)) from missing
    except NotAllowed as refused:
        raise HTTPException(HTTPStatus.FORBIDDEN, sentence(refused)) from refused
    answer = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{code}.pdf"',
        "Content-Security-Policy": IN_VIEWER,
    }
    return Response(made, media_type=PDF, headers=answer)


ROUTES = [Route("/papers/{code}.pdf", case_file, methods=["GET"])]
