"""Keys of phones, e-mail addresses and accounts are worked out anew, by the rule of ``core.rules.contacts``.

What customers gave stays as it is. Customers who have the same key now are not made one, so that no contact is lost:
finding takes the newest of them, as it did. A phone that is none by the rule has no key, and is found by its text only.
The rule itself is used, not a copy of it: whatever changes it later must work the keys out again anyway.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.rules.contacts import account_key, email_key, phone_key

revision = "0004"
down_revision = "0003"

BATCH = 1_000  # rows held in memory at once
KEYS = {"phone": phone_key, "email": email_key, "account": account_key}
CUSTOMERS = sa.table(
    "customers", sa.column("id", sa.BigInteger), *(sa.column(f"{name}{end}") for name in KEYS for end in ("", "_key"))
)
UPDATE = (
    sa.update(CUSTOMERS)
    .where(CUSTOMERS.c.id == sa.bindparam("which"))
    .values({f"{name}_key": sa.bindparam(f"new_{name}") for name in KEYS})
)


def upgrade() -> None:
    """Write the keys that differ, a batch at a time."""
    connection = op.get_bind()
    after = 0
    batch = sa.select(CUSTOMERS).order_by(CUSTOMERS.c.id).limit(BATCH)
    while rows := connection.execute(batch.where(CUSTOMERS.c.id > after)).mappings().all():
        changed = [keys for row in rows if (keys := _keys(row)) != _kept(row)]
        if changed:
            connection.execute(UPDATE, changed)
        after = rows[-1]["id"]


def _keys(row: sa.RowMapping) -> dict[str, object]:
    return {"which": row["id"], **{f"new_{name}": key(row[name] or "") for name, key in KEYS.items()}}


def _kept(row: sa.RowMapping) -> dict[str, object]:
    return {"which": row["id"], **{f"new_{name}": row[f"{name}_key"] for name in KEYS}}
