"""Evidence files, for those who may see the complaint's personal data: harmless whatever is in them."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.errors import NotFound
from core.i18n import N_, gettext, sentence
from core.register import rulebook
from core.register.case.evidence import open_file
from core.register.log.tables import Complaint, Evidence
from core.register.reads import timeline
from core.register.reads.visible import columns_of
from core.rules import policy
from core.rules.marks import visible
from core.web.door import door_of, require

# A browser shows these by itself and runs nothing in them; everything else is sent as an attachment.
SHOWN = ("image/", "audio/", "video/", "text/plain")
MAX_DIGITS = 18  # of a number that fits 64 bits for certain
HARMLESS = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
PDF = "application/pdf"
# A sandbox keeps a browser's own viewer of PDF from working. It runs what such a file holds outside the page and its
# origin, so that nothing but the viewer needs to be let in; no other kind of file is ever sent so.
IN_VIEWER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def evidence(request: Request) -> Response:
    """GET /evidence/{id}: the file, in parts where asked (``Range``); 401, 403 or 404 with a sentence otherwise."""
    row, path = _opened(request)
    media_type = row.media_type or "application/octet-stream"
    return _answer(row, path, media_type, is_shown=media_type.startswith(SHOWN), guard=HARMLESS)


def view(request: Request) -> Response:
    """GET /evidence/{id}/view: a PDF for the browser's own viewer, to look at it on the page of its case."""
    row, path = _opened(request)
    if row.media_type != PDF:
        raise HTTPException(HTTPStatus.NOT_FOUND, gettext(N_("There is no such file.")))
    return _answer(row, path, PDF, is_shown=True, guard=IN_VIEWER)


def _opened(request: Request) -> tuple[Evidence, Path]:
    """The file, if the person may open it; HTTPException otherwise."""
    person = require(request, "complaint")
    with door_of(request.scope).register.read() as session:
        try:
            row, path = open_file(session, _number(request.path_params["evidence_id"]))
        except NotFound as missing:
            raise HTTPException(HTTPStatus.NOT_FOUND, sentence(missing)) from missing
        complaint = columns_of(session.get_one(Complaint, row.complaint_id))
        known = rulebook.catalogues(session)
        came = timeline.handed_in(session, row)
        if not policy.sees_file(person, complaint, known, added_by=came.by, asked_of=came.asked_of):
            raise HTTPException(
                HTTPStatus.FORBIDDEN, gettext(N_("This file is not for your role: it holds personal data."))
            )
    return row, path


def _answer(row: Evidence, path: Path, media_type: str, *, is_shown: bool, guard: str) -> Response:
    return FileResponse(
        path,
        media_type=media_type,
        filename=row.file_name and visible(row.file_name),
        content_disposition_type="inline" if is_shown else "attachment",
        headers={"Cache-Control": "private, no-store", "Content-Security-Policy": guard},
    )


def _number(text: str) -> int:
    """The number in the address; 0, which no file has, for what no database could hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0


ROUTES = [
    Route("/evidence/{evidence_id}", evidence, methods=["GET"]),
    Route("/evidence/{evidence_id}/view", view, methods=["GET"]),
]
