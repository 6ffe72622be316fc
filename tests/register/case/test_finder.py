"""Many customers found or added at once give the same as one after the other, on both engines, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from core.register.case.customers import KEY_OF, CustomerDraft, Details, Finder, _columns
from core.register.log.database import Register
from core.register.log.tables import Customer
from tests.engines import MONDAY, Sqlite

NO_PHONE = "so nha 12, goi sau 5h"  # as versions before 0.2 kept it
LAN = CustomerDraft(name="Lan", phone="0912 345 678")
CASES = [
    # drafts, id of each, (name, phone_key, email_key) kept, why
    ([LAN, LAN], [1, 1], [("Lan", "84912345678", None)], "the same twice"),
    ([CustomerDraft(), LAN], [None, 1], [("Lan", "84912345678", None)], "nobody is no customer"),
    (
        [LAN, CustomerDraft(phone="+84912345678", email="lan@thu.vn")],
        [1, 1],
        [("Lan", "84912345678", "lan@thu.vn")],
        "gains what was missing",
    ),
    (
        [LAN, CustomerDraft(phone="0912345678", email="lan@thu.vn"), CustomerDraft(email="LAN@thu.vn")],
        [1, 1, 1],
        [("Lan", "84912345678", "lan@thu.vn")],
        "found by what it gained in between",
    ),
    (
        [CustomerDraft(phone="0912345678", email="a@thu.vn"), CustomerDraft(phone="0912345678", email="b@thu.vn")],
        [1, 2],
        [(None, "84912345678", "a@thu.vn"), (None, "84912345678", "b@thu.vn")],
        "another address is another customer",
    ),
    (
        [
            CustomerDraft(phone="0912345678", email="a@thu.vn"),
            CustomerDraft(phone="0912345678", email="b@thu.vn"),
            CustomerDraft(phone="0912345678"),
        ],
        [1, 2, 2],
        [(None, "84912345678", "a@thu.vn"), (None, "84912345678", "b@thu.vn")],
        "the newest with the phone",
    ),
    (
        [CustomerDraft(phone=NO_PHONE, email="a@thu.vn"), CustomerDraft(phone="0912345678", email="a@thu.vn")],
        [1, 2],
        [(None, None, "a@thu.vn"), (None, "84912345678", "a@thu.vn")],
        "a text of earlier versions that is no number is not the new number",
    ),
    (
        [CustomerDraft(phone=NO_PHONE, email="a@thu.vn"), CustomerDraft(phone=NO_PHONE, email="A@thu.vn")],
        [1, 1],
        [(None, None, "a@thu.vn")],
        "the same text once more",
    ),
    (
        [CustomerDraft(phone="0912345678", email="a@thu.vn"), CustomerDraft(phone=NO_PHONE, email="a@thu.vn")],
        [1, 2],
        [(None, "84912345678", "a@thu.vn"), (None, None, "a@thu.vn")],
        "neither is a number the text",
    ),
]


def by_value(details: Details) -> list[tuple[str, str]]:
    """Contact, and by what it is the same in any spelling: its key, or its text where it has none."""
    return [(name, details[key] or value) for name, key in KEY_OF.items() if (value := details[name])]


def found(register: Register, batches: Iterable[Sequence[CustomerDraft]]) -> list[int | None]:
    """The ids the drafts got; one transaction a batch."""
    ids: list[int | None] = []
    for batch in batches:
        with register.write() as session:
            finder = Finder(session, batch, now=MONDAY)
            ids += [finder.find_or_add(draft).id for draft in batch]
            finder.write()
    return ids


def kept(register: Register) -> list[tuple[str | None, ...]]:
    columns = Customer.name, Customer.phone_key, Customer.email_key, Customer.account_key
    with register.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Customer.id))]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
@pytest.mark.parametrize(("drafts", "ids", "rows", "why"), CASES, ids=[row[-1] for row in CASES])
def test_customers_found_or_added(
    register: Register,
    drafts: list[CustomerDraft],
    ids: list[int | None],
    rows: list[tuple[str | None, ...]],
    why: str,
    at_once: bool,
) -> None:
    assert found(register, [drafts] if at_once else [[draft] for draft in drafts]) == ids, why
    assert [row[:3] for row in kept(register)] == rows, why


NAMES = [
    # name of the second complaint, what it keeps beside the known name “Trần Lan”, why
    ("Hoa", "Hoa", "another person at the same phone"),
    ("Trần Lãn", "Trần Lãn", "another accent is another name"),
    ("trần  LAN ", "", "capitals and blanks make no other name"),
    ("", "", "no name was given"),
]


@pytest.mark.parametrize(("typed", "named_as", "why"), NAMES, ids=[row[-1] for row in NAMES])
def test_a_known_name_stays_and_another_one_is_left_to_the_complaint(
    sqlite_register: Register, typed: str, named_as: str, why: str
) -> None:
    first, second = LAN._replace(name="Trần Lan"), LAN._replace(name=typed)
    with sqlite_register.write() as session:
        finder = Finder(session, [first, second], now=MONDAY)
        assert [finder.find_or_add(draft).named_as for draft in (first, second)] == ["", named_as], why
        finder.write()
    assert [row[0] for row in kept(sqlite_register)] == ["Trần Lan"]


def test_a_batch_asks_and_writes_in_few_statements(register: Register) -> None:
    sent: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda _c, _cur, text, *_more: sent.append(text))
    drafts = [CustomerDraft(name=f"Khách {n}", phone=f"0912{n:06d}", email=f"k{n}@thu.vn") for n in range(400)]
    assert found(register, [drafts]) == list(range(1, 401))
    assert len([text for text in sent if "customers" in text]) == 4, "two look-ups, the highest id, one insert"


SOME = st.builds(
    CustomerDraft,
    name=st.sampled_from(["", "Lan", "Mai"]),
    phone=st.sampled_from(["", "0912345678", "+84 912 345 678", "0987654321", NO_PHONE, "hỏi chị Mai"]),
    email=st.sampled_from(["", "lan@thu.vn", "MAI@thu.vn", "lan tại thu"]),
    account=st.sampled_from(["", "lan88"]),
)


@settings(max_examples=25)
@given(drafts=st.lists(SOME, max_size=12), cut=st.integers(0, 12))
def test_batches_make_no_difference(sqlite: Sqlite, drafts: list[CustomerDraft], cut: int) -> None:
    results = []
    for batches in ([[draft] for draft in drafts], [drafts[:cut], drafts[cut:]]):
        folder = Path(mkdtemp())
        register = Register(sqlite.opened_database(folder), folder)
        results.append((found(register, batches), kept(register)))
        register.engine.dispose()
    assert results[0] == results[1]


@settings(max_examples=50)
@given(drafts=st.lists(SOME, max_size=12), cut=st.integers(0, 12))
def test_every_contact_that_was_given_is_kept_by_its_customer(
    sqlite: Sqlite, drafts: list[CustomerDraft], cut: int
) -> None:
    folder = Path(mkdtemp())
    register = Register(sqlite.opened_database(folder), folder)
    ids = found(register, [drafts[:cut], drafts[cut:]])
    with register.read() as session:
        rows = {row["id"]: row for row in session.execute(select(Customer.__table__)).mappings()}
    register.engine.dispose()
    for draft, id in zip(drafts, ids, strict=True):
        given_here = by_value(_columns(draft))
        assert set(given_here) <= set(by_value(cast("Details", rows[id])) if id else []), draft
