"""How the program runs, as Prometheus reads it: for whoever has the token of METRICS_TOKEN, and no page without one."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import Unavailable
from core.register.operations import state
from core.register.operations.page_times import OF_PROCESS
from core.register.operations.state import Operations
from core.web.door import door_of

PATH = "/metrics"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics(request: Request) -> Response:
    """GET /metrics with ``Authorization: Bearer TOKEN``: 200; 404 for anybody else; 503 without the register."""
    door = door_of(request.scope)
    wanted, given = door.settings.metrics_token, request.headers.get("authorization", "")
    if not wanted or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        return Response(status_code=HTTPStatus.NOT_FOUND)
    now = door.clock()
    try:
        with door.register.read() as session:
            found = state.read(session, now)
    except Unavailable:
        return PlainTextResponse("the register does not answer", HTTPStatus.SERVICE_UNAVAILABLE)
    seen = (now - found.worker.seen_at).total_seconds() if found.worker else -1.0
    return Response("\n".join([*_lines(found, seen), ""]), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _lines(found: Operations, seen: float) -> Iterator[str]:
    yield from _one("register_events_total", "counter", "Events in the log: every act of anybody.", found.events)
    yield from _one("register_sign_ins_total", "counter", "Sign-ins.", found.sign_ins)
    yield from _one("register_open_complaints", "gauge", "Complaints that are open.", found.open_complaints)
    yield from _head("register_messages", "gauge", "Messages by state, of the last 90 days.")
    yield from (f'register_messages{{state="{name}"}} {count}' for name, count in found.messages.items())
    yield from _one(
        "register_message_lag_seconds", "gauge", "How late the oldest unsent message is.", found.lag.total_seconds()
    )
    yield from _one("register_outlets_failing", "gauge", "Outlets whose last try failed.", len(found.failing))
    yield from _one("register_worker_up", "gauge", "Whether a worker was heard of lately.", int(found.is_alive))
    yield from _one("register_worker_seen_seconds", "gauge", "How long ago; -1: never.", seen)
    pages = OF_PROCESS.of_all()
    yield from _head("register_page_seconds", "summary", "How long pages take, of the newest runs in this process.")
    for page, times in pages.items():
        yield f'register_page_seconds{{page="{page}",quantile="0.5"}} {times.p50:.4f}'
        yield f'register_page_seconds{{page="{page}",quantile="0.95"}} {times.p95:.4f}'
        yield f'register_page_seconds_count{{page="{page}"}} {times.runs}'


def _head(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"


def _one(name: str, kind: str, says: str, value: float) -> Iterator[str]:
    yield from _head(name, kind, says)
    yield f"{name} {value}"


ROUTES = [Route(PATH, metrics, methods=["GET"])]
