"""A small server for the routes: the real gate, headers and routes around stand-in pages, and a clock to set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from core.register.log.act import Act
from core.register.log.database import Register
from core.register.people import accounts, invitations, second_factor, setup
from core.register.people.accounts import Account
from core.rules.roles import ROLES
from core.settings import Settings
from core.web import (
    drafts,
    entry,
    evidence,
    exports,
    follow,
    health,
    invite,
    metrics,
    papers,
    reviews,
    session,
    trouble,
)
from core.web import setup as setup_pages
from core.web.api import complaints as api
from core.web.api.limits import Limits
from core.web.door import QUESTION_PAUSE, QUESTIONS, Door, require
from core.web.gate import Gate, first_words
from core.web.headers import SecurityHeaders
from core.web.line import Line
from core.web.pace import Pace
from core.web.uploads import Uploads

GOOD = "ba con mèo đen 7"
FROM_HERE = {"sec-fetch-site": "same-origin"}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Site:
    """The app over one register; ``now`` is its clock, ``filled`` what set-up asked to fill in."""

    register: Register
    now: datetime
    settings: dict[str, Any] = field(default_factory=dict)
    filled: list[int] = field(default_factory=list)
    broken_sample: bool = False
    on_fill: Callable[[], None] = lambda: None
    line: Line = field(default_factory=Line)
    uploads: Uploads = field(default_factory=Uploads)
    questions: Pace = field(default_factory=lambda: Pace(QUESTIONS, QUESTION_PAUSE))
    api: Limits = field(default_factory=Limits)

    def visitor(self, base_url: str = "http://pops.test") -> TestClient:
        """A browser without cookies."""
        return TestClient(self.app(), base_url=base_url, follow_redirects=False, headers=BROWSER)

    def person(self, role: str = "agent") -> TestClient:
        """A browser of somebody signed in with that role (login = role)."""
        self.staff(role)
        visitor = self.visitor()
        answer = visitor.post("/sign-in", data={"login": role, "password": GOOD}, headers=FROM_HERE)
        assert answer.status_code == 303
        return visitor

    def staff(self, role: str) -> None:
        """An account for that role, once."""
        assert role in ROLES
        with self.register.write() as session:
            if role not in {person.login for person in accounts.list_people(session)}:
                department = "payment" if role == "handler" else None
                accounts.add(
                    session, Account(login=role, name=role, role=role, department=department), GOOD, Act(None, self.now)
                )

    def invitation(self, role: str) -> str:
        """The address of a one-time link for the person of that role."""
        self.staff(role)
        with self.register.write() as session:
            code = invitations.invite(session, accounts.find(session, role).id, Act(None, self.now))
        return f"/invite?code={code}"

    def factor(self, role: str) -> str:
        """Turn the second factor of that person on; returns the secret of their app."""
        self.staff(role)
        with self.register.write() as session:
            person = accounts.find(session, role)
            secret = second_factor.offer(session, person.id, now=self.now)
            second_factor.turn_on(session, person.id, pyotp.TOTP(secret).at(self.now), Act(person, self.now))
        self.later(minutes=1)
        return secret

    def setup_code(self) -> str:
        with self.register.write() as session:
            return setup.new_setup_code(session, self.now)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def app(self) -> Starlette:
        known = {"base_url": "http://pops.test"} | self.settings
        settings = Settings(self.register.url, self.register.evidence_dir.parent, **known)
        door = Door(
            self.register,
            settings,
            clock=lambda: self.now,
            fill_sample=self._fill,
            uploads=self.uploads,
            line=self.line,
            questions=self.questions,
            api=self.api,
        )
        routes = [
            *session.ROUTES,
            *entry.ROUTES,
            *invite.ROUTES,
            *setup_pages.ROUTES,
            *health.ROUTES,
            *metrics.ROUTES,
            *evidence.ROUTES,
            *drafts.ROUTES,
            *exports.ROUTES,
            *papers.ROUTES,
            *reviews.ROUTES,
            *api.ROUTES,
            *follow.ROUTES,
            Route("/export/{name}", _export),
        ]
        return Starlette(
            routes=[
                *routes,
                WebSocketRoute("/{rest:path}", _stream),
                Route("/_stcore/upload_file/{session}/{file}", _upload, methods=["PUT", "DELETE"]),
                Route("/{rest:path}", _page),
            ],
            exception_handlers=trouble.HANDLERS,
            middleware=[
                Middleware(SecurityHeaders, settings=settings),
                Middleware(Gate, door=door, beside=first_words(routes)),
            ],
        )

    def _fill(self, complaints: int) -> None:
        if self.broken_sample:
            raise OSError("disk full")
        self.on_fill()
        self.filled.append(complaints)


def _page(request: Request) -> Response:
    if "break" in request.query_params:
        raise ValueError("0912345678 said something")
    return PlainTextResponse(f"page {request.url.path}")


async def _stream(websocket: WebSocket) -> None:
    """A websocket that tells what Streamlit would see of the request."""
    await websocket.accept()
    await websocket.send_json(websocket.headers.items())
    await websocket.close()


async def _upload(request: Request) -> Response:
    return Response(status_code=400 if b"broken" in await request.body() else 204)


def _export(request: Request) -> Response:
    return PlainTextResponse(f"rows for {require(request, 'export').role}")
