"""Keys and requests of the intake API, as its tests need them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.api import intake, keys, requests
from core.register.api.intake import Logged, Sent
from core.register.case import complaints
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import ApiKey
from core.rules.steps import STEPS, State
from tests.engines import MONDAY
from tests.register.cases import DraftFields, draft
from tests.register.ways import WAY_TO, filled, log_survivor

SITE = "https://www.pops.example"


def made(
    register: Register, *, origins: tuple[str, ...] = (), scopes: tuple[str, ...] = keys.SCOPES
) -> tuple[int, str]:
    """A key of the channel ``web``: its id and the key itself."""
    wanted = keys.Draft("Ứng dụng POPS", "web", (keys.CREATE,) if origins else scopes, origins)
    with register.write() as session:
        key = keys.make(session, wanted, Act(None, MONDAY))
        return session.scalars(select(ApiKey.id).order_by(ApiKey.id.desc())).first() or 0, key


def sent(key_id: int, name: str = "", body: bytes = b"", **changes: Unpack[DraftFields]) -> Sent:
    """A request to log ``draft(**changes)`` of the channel ``web``, under a name of its own unless one is given."""
    wanted: DraftFields = {"channel": "web", "recorded_at": MONDAY, **changes}
    return Sent(requests.named(key_id, name or uuid.uuid4().hex, (body,)), draft(**wanted))


def logged(register: Register, key_id: int) -> Logged:
    """One complaint of that key."""
    with register.write() as session:
        (answer,) = intake.log_all(session, [sent(key_id)])
    assert isinstance(answer, Logged)
    return answer


def brought_to(session: Session, code: str, state: State, now: datetime = MONDAY) -> None:
    """Take the steps that lead there, as customer care would."""
    log_survivor(session, now)
    for step in WAY_TO[state]:
        fields = {name: value for name, value in filled(step, now).items() if name in STEPS[step].field_names()}
        fields |= {"channel": "email"} if "channel" in STEPS[step].field_names() else {}
        taken: StepFields = fields  # type: ignore[assignment] # by name
        complaints.take(session, code, step, taken, Act(None, now))
