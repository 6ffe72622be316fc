"""Evidence files, for those who may see the complaint's personal data: harmless whatever is in them."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.errors import NotFound
from core.i18n import N_, gettext, sentence
from core.register import rulebook
from core.register.case.evidence import open_file
from core.register.log.tables import Complaint
from core.register.reads import timeline
from core.register.reads.visible import columns_of
from core.rules import policy
from core.rules.marks import visible
from core.web.door import door_of, require

# A browser shows these by itself and runs nothing in them; everything else is sent as an attachment.
SHOWN = ("image/", "audio/", "video/", "text/plain")
MAX_DIGITS = 18  # of a number that fits 64 bits for certain
HARMLESS = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def evidence(request: Request) -> Response:
    """GET /evidence/{id}: the file, in parts where asked (``Range``); 401, 403 or 404 with a sentence otherwise."""
    person = require(request, "complaint")
    with door_of(request.scope).register.read() as session:
        try:
            row, path = open_file(session, _number(request.path_params["evidence_id"]))
        except NotFound as missing:
            raise HTTPException(HTTPStatus.NOT_FOUND, sentence(missing)) from missing
        complaint = columns_of(session.get_one(Complaint, row.complaint_id))
        known = rulebook.catalogues(session)
        if not policy.sees_file(person, complaint, known, added_by=timeline.added_by(session, row)):
            raise HTTPException(
                HTTPStatus.FORBIDDEN, gettext(N_("This file is not for your role: it holds personal data."))
            )
    media_type = row.media_type or "application/octet-stream"
    return FileResponse(
        path,
        media_type=media_type,
        filename=row.file_name and visible(row.file_name),
        content_disposition_type="inline" if media_type.startswith(SHOWN) else "attachment",
        headers={"Cache-Control": "private, no-store", "Content-Security-Policy": HARMLESS},
    )


def _number(text: str) -> int:
    """The number in the address; 0, which no file has, for what no database could hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0


ROUTES = [Route("/evidence/{evidence_id}", evidence, methods=["GET"])]
