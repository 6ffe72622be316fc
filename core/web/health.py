"""Whether the program and its register answer, for whoever restarts it when they do not."""

from __future__ import annotations

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import Unavailable
from core.web.door import door_of


def health(request: Request) -> Response:
    """GET /healthz: 200 ``ok`` when the register answers, 503 otherwise; nothing more."""
    try:
        with door_of(request.scope).register.read() as session:
            session.execute(text("SELECT 1"))
    except Unavailable:
        return PlainTextResponse("the register does not answer", status_code=503, headers={"Cache-Control": "no-store"})
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


ROUTES = [Route("/healthz", health, methods=["GET"])]
