"""The route to which a page sends what is being typed, so that it is kept without running the page again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import Invalid, NotFound
from core.i18n import N_, gettext, sentence
from core.register.people import form_drafts
from core.rules.calendar import LOCAL
from core.web.door import door_of, require
from core.web.origin import is_same_origin

PATH = "/drafts"
PAGES: Mapping[str, str] = {
    form_drafts.LOG: "log_complaint",
    form_drafts.QUEUE: "queue",
    form_drafts.CASE: "complaint",
}
"""Kind of form → the page it stands on, which the person's role must open."""
MAX_BODY = form_drafts.MAX_SIZE + 1_024  # bytes: the fields, and the names around them
NOT_KEPT = {"Cache-Control": "no-store"}


async def keep(request: Request) -> Response:
    """POST /drafts with ``{"person", "form", "token", "fields"}``: kept for the person who is signed in.

    ``person``: the id of whom the form was drawn for. 200 with the time it was kept. 409, and nothing is kept, for a
    filling that is over, and where the session is another person's by now (a shared computer). Refused with a sentence:
    401 without a session, 403 from another site, for a closed account or a role without the page, 404 for an unknown
    complaint, 413 and 422 for what is no draft. Only what brought new text counts as use of the session.
    """
    if not is_same_origin(request.headers, door_of(request.scope).settings.base_url):
        raise HTTPException(HTTPStatus.FORBIDDEN, gettext(N_("This was sent from another site")))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, gettext(N_("The form is too large.")))
    return await run_in_threadpool(_keep, request, bytes(body))


def _keep(request: Request, body: bytes) -> Response:
    person_id, form, token, fields = _read(body)
    door = door_of(request.scope)
    try:
        person = require(request, PAGES[form_drafts.kind_of(form)], used=False)
        now, is_kept, is_new = door.clock(), False, False
        if person.id == person_id:
            with door.register.write() as session:
                before = form_drafts.find(session, person.id, form, now=now)
                is_new = before is None or before.fields != fields
                is_kept = form_drafts.keep(session, person.id, form, token, fields, now=now)
    except NotFound as missing:
        raise HTTPException(HTTPStatus.NOT_FOUND, sentence(missing)) from missing
    except Invalid as wrong:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, sentence(wrong)) from wrong
    if is_kept and is_new:
        door.person(request)  # somebody typed: the session was used
    status = HTTPStatus.OK if is_kept else HTTPStatus.CONFLICT
    saved = f"{now.astimezone(LOCAL):%H:%M}" if is_kept else None
    return JSONResponse({"saved": saved}, status_code=status, headers=NOT_KEPT)


def _read(body: bytes) -> tuple[int, str, str, Mapping[str, object]]:
    try:
        sent = json.loads(body)
        person_id, form, token, fields = sent["person"], sent["form"], sent["token"], sent["fields"]
    except (ValueError, KeyError, TypeError, RecursionError):
        person_id = form = token = fields = None
    is_known = isinstance(person_id, int) and isinstance(form, str)
    if not (is_known and isinstance(token, str) and isinstance(fields, dict)):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, gettext(N_("There is no such form: load the page again.")))
    return person_id, form, token, fields


ROUTES = [Route(PATH, keep, methods=["POST"])]
