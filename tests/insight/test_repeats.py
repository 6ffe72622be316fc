"""Customers who complain again, and the pseudonyms by which facts tell them apart (D35)."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta

import polars as pl
import pytest

from core.insight import facts, figures, files, pseudonyms
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log import key_file
from core.register.log.act import Act
from core.register.log.database import Register
from tests.conftest import Cast
from tests.insight.given import NOVEMBER, NOW, Case
from tests.insight.given import register as given

AGAIN = [
    # customer, recorded, state, counted as (known, again), why
    (1, "2026-08-01 09:00", "closed", None, "before the period"),
    (1, "2026-11-03 09:00", "received", False, "94 days after the one before"),
    (1, "2026-11-05 09:00", "received", True, "two days after"),
    (2, "2026-08-05 09:00", "closed", None, "before the period"),
    (2, "2026-11-03 09:00", "received", True, "90 days after, to the second"),
    (3, "2026-11-03 09:00", "received", False, "the first of two of one second"),
    (3, "2026-11-03 09:00", "received", True, "the second follows on the first"),
    (4, "2026-11-03 09:00", "merged", None, "the other one counts"),
    (4, "2026-11-04 09:00", "received", False, "nothing but the merged one before it"),
    (None, "2026-11-03 09:00", "received", None, "nobody known"),
    (None, "2026-11-04 09:00", "received", None, "nobody known is not the same nobody"),
]


def test_who_complains_again() -> None:
    rows = [Case(customer_id=who, recorded=when, state=state) for who, when, state, _counted, _why in AGAIN]
    counted = [again for *_rest, again, _why in AGAIN if again is not None]
    found = figures.ask("repeats", given(rows), NOVEMBER, NOW)
    assert found.values.tolist() == [[len(counted), sum(counted), sum(counted) / len(counted)]]


def test_the_earlier_one_may_be_about_anything_but_is_one_that_is_seen() -> None:
    rows = [
        Case(customer_id=1, recorded="2026-11-03 09:00", category="login", branch="hanoi"),
        Case(customer_id=1, recorded="2026-11-04 09:00", category="payment", branch="hcm"),
    ]
    facts = given(rows)
    assert figures.ask("repeats", facts, NOVEMBER.only("category", "payment"), NOW)["again"].item() == 1
    assert figures.ask("repeats", facts, NOVEMBER.only("branch", "hcm"), NOW)["again"].item() == 0, "a stranger (D32)"


@pytest.fixture
def told(register: Register, cast: Cast, now: datetime) -> Register:
    """Two complaints of one customer and one of another."""
    with register.write() as session:
        for n, phone in enumerate(("0912000111", "0912 000 111", "0912000222")):
            draft = Draft("hotline", now, f"Việc {n}", "other", customer=CustomerDraft(phone=phone))
            complaints.log(session, draft, Act(cast.agent, now + timedelta(minutes=n)))
    return register


def test_one_customer_has_one_pseudonym_in_every_process(told: Register) -> None:
    first, second, other = facts.current(told).complaints.sort("id")["customer"]
    assert first == second != other
    there = facts.load(Register(told.url, told.evidence_dir)).complaints.sort("id")["customer"]
    assert there.to_list() == [first, second, other]


def test_the_key_is_read_by_nobody_else_and_makes_them(told: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts.current(told).complaints["customer"]
    path = told.evidence_dir.with_name(pseudonyms.FILE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == key_file.LENGTH
    monkeypatch.setattr(facts, "SPAN", 1)
    monkeypatch.setattr(facts, "UNSAVED", 1)
    written = Register(told.url, told.evidence_dir)
    assert facts.current(written).complaints["customer"].equals(known)
    stored = b"".join(file.read_bytes() for file in files.folder_of(told).iterdir())
    assert path.read_bytes() not in stored
    path.unlink()
    anew = facts.current(Register(told.url, told.evidence_dir)).complaints["customer"]
    assert not set(anew) & set(known), "files made with another key are not believed"
    assert anew.n_unique() == 2


def test_a_new_key_makes_all_pseudonyms_anew_while_the_program_runs(told: Register, cast: Cast, now: datetime) -> None:
    """Else who complains before and after it would be two customers, and nobody would have complained again."""
    facts.current(told)
    told.evidence_dir.with_name(pseudonyms.FILE).unlink()
    with told.write() as session:
        complaints.log(session, Draft("email", now, "Lỗi khác", "content"), Act(cast.agent, now + timedelta(hours=1)))
    anew = facts.load(Register(told.url, told.evidence_dir)).complaints.sort("id")["customer"]
    assert facts.current(told).complaints.sort("id")["customer"].equals(anew)


def test_without_a_disk_the_key_is_that_of_the_process(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_given: object) -> int:
        raise OSError

    monkeypatch.setattr("core.register.log.private.os.open", refuses)
    assert pseudonyms.key(register) == pseudonyms.key(register)
    assert not register.evidence_dir.with_name(pseudonyms.FILE).exists()


def test_a_pseudonym_needs_the_key() -> None:
    customers = pl.Series([1, 2, None, 1])
    one, other = (pseudonyms.of(customers, key) for key in (b"one", b"other"))
    assert one[0] == one[3] != one[1] and one[2] is None
    assert not set(one.drop_nulls()) & set(other.drop_nulls())
