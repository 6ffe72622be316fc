"""Migration 0008 salts and attests every customer of a register, a batch at a time."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from sqlalchemy import create_engine, event, insert, text

from core.register.case.customers import digest
from core.register.log.tables import Customer
from tests.engines import MONDAY
from tests.register.log import old_register

MIGRATION = "core.register.log.migrations.versions.0008_customers_attested"
CUSTOMERS, BATCH = 5, 2


def test_customers_are_read_batch_by_batch_and_all_attested(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = import_module(MIGRATION)
    monkeypatch.setattr(migration, "BATCH", BATCH)
    old_register.migrate_to(empty_database_url, "0008")
    engine = create_engine(empty_database_url)
    numbered = [{"id": 3 * n, "name": f"Khách {n}", "created_at": MONDAY} for n in range(1, CUSTOMERS + 1)]
    with engine.begin() as connection:
        connection.execute(insert(Customer), numbered)
        asked: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda _c, _cur, query, *_more: asked.append(query))
        migration.attest(connection, MONDAY)
        rows = connection.execute(text("SELECT * FROM customers ORDER BY id")).mappings().all()
        payloads = connection.scalars(
            text("SELECT payload FROM events WHERE kind = 'customers_attested' ORDER BY seq")
        ).all()
    engine.dispose()
    selects = [query for query in asked if query.startswith("SELECT") and "FROM customers" in query]
    assert all("LIMIT" in query for query in selects[:-1]) and len(selects) == 5, "three batches, one empty, our own"
    digests = [json.loads(payload)["digests"] for payload in payloads]
    assert [sorted(map(int, batch)) for batch in digests] == [[3, 6], [9, 12], [15]]
    given = {int(key): value for batch in digests for key, value in batch.items()}
    assert given == {row["id"]: digest(row, bytes(row["salt"])).hex() for row in rows}
