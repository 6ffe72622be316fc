"""Customers' details get a salt, and the log attests them: those that are there by events of the register."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from core.register.log import seal
from core.register.log.seal import EventRow
from core.register.log.tables import EPOCH, Instant

revision = "0008"
down_revision = "0007"

BATCH = 1_000
DETAILS = ("account", "email", "name", "phone")
CUSTOMERS = sa.table("customers", sa.column("id"), sa.column("salt", sa.LargeBinary()), *map(sa.column, DETAILS))
EVENTS = sa.table(
    "events",
    *map(sa.column, ("id", "subject", "subject_id", "seq", "kind", "actor_id", "payload")),
    sa.column("happened_at", Instant()),
    sa.column("logged_at", Instant()),
    sa.column("previous", sa.LargeBinary()),
    sa.column("hash", sa.LargeBinary()),
)


def upgrade() -> None:
    """Add the column, then salt and attest every customer, a thousand in an event."""
    op.add_column("customers", sa.Column("salt", sa.LargeBinary(), nullable=True))
    attest(op.get_bind(), context.config.attributes.get("now"))


def attest(bind: sa.Connection, now: datetime | None) -> None:
    """Give every customer a salt and the log its digest; ``now``: None for the moment of the newest event."""
    last = 0
    while batch := _after(bind, last):
        last = batch[-1].id
        salts = {row.id: secrets.token_bytes(16) for row in batch}
        bind.execute(
            CUSTOMERS.update().where(CUSTOMERS.c.id == sa.bindparam("b_id")).values(salt=sa.bindparam("b_salt")),
            [{"b_id": customer, "b_salt": salt} for customer, salt in salts.items()],
        )
        _log(bind, {str(row.id): _digest(row, salts[row.id]) for row in batch}, now)


def _after(bind: sa.Connection, last: int) -> Sequence[sa.Row[Any]]:
    """The next customers by id; never all of them at once, since there may be a million."""
    return bind.execute(sa.select(CUSTOMERS).where(CUSTOMERS.c.id > last).order_by(CUSTOMERS.c.id).limit(BATCH)).all()


def _digest(row: sa.Row[tuple[object, ...]], salt: bytes) -> str:
    details = seal.canonical({name: row._mapping[name] for name in DETAILS})
    return hashlib.sha256(salt + details.encode()).hexdigest()


def _log(bind: sa.Connection, digests: dict[str, str], now: datetime | None) -> None:
    newest = bind.execute(sa.select(EVENTS).order_by(EVENTS.c.id.desc()).limit(1)).first()
    seq = sa.select(sa.func.max(EVENTS.c.seq)).where(EVENTS.c.subject == "register", EVENTS.c.subject_id == 0)
    now = now or (newest.logged_at if newest else EPOCH)
    row = EventRow(
        id=newest.id + 1 if newest else 1,
        subject="register",
        subject_id=0,
        seq=(bind.scalar(seq) or 0) + 1,
        kind="customers_attested",
        happened_at=now,
        logged_at=now,
        actor_id=None,
        payload=seal.canonical({"digests": digests}),
        previous=newest.hash if newest else seal.GENESIS,
        hash=b"",
    )
    row["hash"] = seal.fingerprint(row)
    bind.execute(EVENTS.insert(), [dict(row)])
