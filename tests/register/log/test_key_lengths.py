"""A key that a catalogue allows fits the columns that hold it, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import String, update

from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.catalogue import KEY
from tests.conftest import Cast
from tests.register.cases import logged

LONGEST = "k" * 31
COLUMNS = (
    "category",
    "level",
    "channel",
    "product",
    "platform",
    "department",
    "outcome",
    "root_cause",
    "breach_reason",
)


def test_the_longest_key_is_one() -> None:
    assert KEY.fullmatch(LONGEST)
    assert not KEY.fullmatch(LONGEST + "k")


@pytest.mark.parametrize("column", COLUMNS)
def test_the_longest_key_is_kept_whole(register: Register, cast: Cast, column: str) -> None:
    complaint = logged(register, cast)
    with register.write() as session:
        session.execute(update(Complaint).where(Complaint.id == complaint.id).values({column: LONGEST}))
    with register.read() as session:
        assert getattr(session.get_one(Complaint, complaint.id), column) == LONGEST
    declared = Complaint.__table__.c[column].type
    assert isinstance(declared, String) and declared.length is not None and declared.length >= len(LONGEST)
