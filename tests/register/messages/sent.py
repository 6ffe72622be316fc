"""What tests of messages share: outlets that are in use, a worker with a clock of its own, what was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Message, Person
from core.register.messages import choices, outlets
from core.register.messages.letters import Letter
from core.register.messages.outbox import DIGEST, Failure
from core.register.messages.outlets import Wanted
from core.register.messages.senders import NotHandedOverError, Way
from core.register.messages.worker import Worker
from core.rules.messages import FILE, SMTP, WEBHOOK
from tests.conftest import Cast
from tests.engines import MONDAY

SITE = "https://khieunai.example"
SECRET = "một khoá rất dài 123"


def mail_values(port: int = 25) -> dict[str, str]:
    return {"server": "127.0.0.1", "port": str(port), "tls": "none", "user": "", "sender": "so@pops.example"}


VALUES: Mapping[str, Mapping[str, str]] = {
    SMTP: mail_values(),
    WEBHOOK: {"url": "https://chat.example/hook", "department": "payment"},
    FILE: {"folder": "trial"},
}


def use(register: Register, admin: Person, kind: str, values: Mapping[str, str] | None = None) -> int:
    """An outlet of that kind, switched on."""
    secret = SECRET if kind == WEBHOOK else None
    with register.write() as session:
        act = Act(admin, MONDAY)
        id = outlets.set_up(session, Wanted(kind, kind.title(), {**VALUES[kind], **(values or {})}, secret), act)
        outlets.switch(session, id, act, version=1, is_on=True)
    return id


def give_addresses(register: Register, cast: Cast) -> None:
    """An address for each of the cast."""
    with register.write() as session:
        for person in vars(cast).values():
            choices.set_email(session, person.id, f"{person.login}@pops.example", Act(cast.admin, MONDAY))


@dataclass
class Post:
    """Instead of a network: what was handed over; ``failure`` is raised instead."""

    letters: list[Letter] = field(default_factory=list)
    failure: Failure | None = None

    def __call__(self, _way: Way, letter: Letter, _folder: Path, _now: datetime) -> None:
        if self.failure is not None:
            raise NotHandedOverError(self.failure)
        self.letters.append(letter)


@dataclass
class Clock:
    """A clock that the test moves."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


def worker(register: Register, clock: Clock, post: Post | None = None, holder: str = "one") -> Worker:
    if post is None:
        return Worker(register, SITE, holder, clock)
    return Worker(register, SITE, holder, clock, post)


def rows(register: Register) -> list[Message]:
    """Every message but those of mornings."""
    return [one for one in everything(register) if one.kind != DIGEST]


def everything(register: Register) -> list[Message]:
    with register.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def told(message: Message) -> list[tuple[str, str]]:
    """Kind and code of each line."""
    return [(line["kind"], line.get("code", "")) for line in json.loads(message.lines)]
