"""Signs that a database cannot store are looked for like any others: nobody has such a name, and it is no error."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.errors import Invalid, NotFound
from core.register.log.database import Register
from core.register.people import accounts, sign_ins
from core.register.reads import dossier
from tests.conftest import Cast

UNSTORABLE = ("\0", "a\0b", "\ud800", "KN-2026-\udcff")


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("text", UNSTORABLE)
def test_nobody_signs_in_with_it(register: Register, now: datetime, text: str) -> None:
    with pytest.raises(Invalid, match="not right"):
        sign_ins.sign_in(register, text, "?", now=now)
    with register.read() as session, pytest.raises(NotFound):
        accounts.find(session, text)


@pytest.mark.parametrize("text", UNSTORABLE)
def test_no_complaint_has_it_for_a_code(register: Register, cast: Cast, now: datetime, text: str) -> None:
    with register.read() as session, pytest.raises(NotFound):
        dossier.read(session, text, by=cast.lead, now=now, language="vi")
