"""Keys that version 0003 kept are worked out by the rule of now: nobody is merged, nothing that was given is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select, text

from core.register.case import customers
from core.register.log.database import migrate, open_up
from core.register.log.tables import Customer
from tests.engines import MONDAY
from tests.register.log import old_register

AS_KEPT = ("phone", "phone_key", "email", "email_key", "account", "account_key")
# ruff: disable[E501]
KEPT = [
    # phone, key, e-mail, key, account, key; keys now; why
    (("0912 345 678", "84912345678", "Lan@thu.vn", "lan@thu.vn", "Lan", "lan"), ("84912345678", "lan@thu.vn", "lan"), "as it was"),
    ((None,) * 6, (None, None, None), "nothing known"),
    (("+84 (0)912345678", "840912345678", None, None, None, None), ("84912345678", None, None), "a 0 too many in the key"),
    (("0901234567 / 8", "8409012345678", None, None, None, None), (None, None, None), "not one number"),
    (("20261120", "20261120", None, None, None, None), (None, None, None), "a date was taken for a number"),
    (("０９１２３４５６７８", None, None, None, None, None), ("84912345678", None, None), "full-width: it had no key"),
    ((None, None, "lan@thu.vn.", None, None, None), (None, "lan@thu.vn", None), "an address that had no key"),
    ((None, None, None, None, "Ｌａｎ\u200b", "ｌａｎ\u200b"), (None, None, "lan"), "an account nobody found"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.fixture
def at_0003(empty_database_url: str) -> str:
    """A register at schema 0003 with the customers of ``KEPT`` in it."""
    old_register.migrate_to(empty_database_url, "0003")
    _add(empty_database_url, [dict(zip(AS_KEPT, kept, strict=True)) for kept, _now, _why in KEPT])
    return empty_database_url


def _add(url: str, rows: list[dict[str, Any]]) -> None:
    engine, schema = create_engine(url), MetaData()
    schema.reflect(engine)
    table = schema.tables["customers"]
    created = old_register.contents()["tables"]["customers"][0]["created_at"]
    with engine.begin() as connection:
        moment = old_register.value(created, engine)
        numbered = [{"id": at, "name": f"Khách {at}", "created_at": moment, **row} for at, row in enumerate(rows, 1)]
        connection.execute(table.insert(), numbered)
    engine.dispose()


def _rows(url: str) -> list[dict[str, Any]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(text("SELECT * FROM customers ORDER BY id")).mappings()]
    engine.dispose()
    return found


def test_keys_are_those_of_the_rule_of_now(at_0003: str) -> None:
    before = _rows(at_0003)
    migrate(at_0003)
    after = _rows(at_0003)
    for (_kept, now, why), row in zip(KEPT, after, strict=True):
        assert (row["phone_key"], row["email_key"], row["account_key"]) == now, why
    ours = {"phone_key", "email_key", "account_key", "salt"}
    given = [[{k: v for k, v in row.items() if k not in ours} for row in rows] for rows in (before, after)]
    assert given[0] == given[1], "what customers gave stays as it was"


def test_the_newest_of_those_who_are_equal_now_is_found_and_none_is_merged(at_0003: str, tmp_path: Path) -> None:
    register = open_up(at_0003, tmp_path / "evidence", now=MONDAY)
    with register.read() as session:
        equal = session.scalars(select(Customer.id).where(Customer.phone_key == "84912345678").order_by(Customer.id))
        assert list(equal) == [1, 3, 6]
        found = customers.find(session, "0912.345.678")
        assert found is not None
        assert found.id == 6
    register.engine.dispose()


def test_no_customer_is_left_out_between_two_batches(empty_database_url: str) -> None:
    old_register.migrate_to(empty_database_url, "0003")
    keys = [f"849{n:08d}" for n in range(2_001)]
    _add(empty_database_url, [{"phone": f"+84 (0){key[2:]}", "phone_key": f"840{key[2:]}"} for key in keys])
    migrate(empty_database_url)
    assert [row["phone_key"] for row in _rows(empty_database_url)] == keys
