"""On PostgreSQL the program needs no more than to own its database."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.log.verify import verify
from tests.engines import Postgres


@pytest.mark.postgresql
def test_a_user_who_owns_the_database_and_nothing_else_makes_and_uses_a_register(
    postgres: Postgres, tmp_path: Path, now: datetime
) -> None:
    with postgres.owned_database() as url:
        register = open_up(url, tmp_path / "evidence", organisation="pops", now=now)
        try:
            with register.write() as session:
                complaints.log(session, Draft("hotline", now - timedelta(hours=1), "Lỗi", "payment"), Act(None, now))
            assert verify(register).problems == []
        finally:
            register.engine.dispose()
