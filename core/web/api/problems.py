"""What the API refuses, as RFC 9457 says it: one sentence in the reader's language, and one for each field to mend."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import Conflict, Invalid, NotAllowed, NotFound, PopsError
from core.i18n import gettext, sentence, use

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[PopsError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
}


class Problem(HTTPException):
    """A refusal with what to mend; ``detail`` and ``errors`` (field → text) are sentences, not templates."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = dict(errors or {})


def of(error: PopsError, fields: Mapping[str, str] | None = None) -> Problem:
    """What the register refused, in the language in use; ``fields``: name in the register → name in the API."""
    found = error.fields if isinstance(error, Invalid) else {}
    errors = {(fields or {}).get(name, name): gettext(text) for name, text in found.items()}
    return Problem(STATUS[type(error)], sentence(error), errors)


def answer(request: Request, error: HTTPException) -> Response:
    """The body of a refusal."""
    status = HTTPStatus(error.status_code)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": error.detail,
    }
    if isinstance(error, Problem) and error.errors:
        body["errors"] = [{"field": name, "sentence": text} for name, text in error.errors.items()]
    response = JSONResponse(body, status_code=status, headers=dict(error.headers or {}), media_type=MEDIA_TYPE)
    return with_headers(request, response)


def with_headers(request: Request, response: Response) -> Response:
    """Nothing is kept on the way; a page of a site whose key was recognised may read the answer (CORS)."""
    response.headers["Cache-Control"] = "no-store"
    origin = getattr(request.state, "origin", None)
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Location, Retry-After"
        response.headers["Vary"] = "Origin"
    return response


def use_language(request: Request) -> None:
    """English where the reader prefers it to Vietnamese, else Vietnamese."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        wanted = part.partition(";")[0].strip().partition("-")[0]
        if wanted in ("vi", "en"):
            use(wanted)
            return
    use("vi")
