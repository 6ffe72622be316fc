"""Accounts and sessions of version 0.1 go on after the migration: nothing new is asked of anybody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, select, text

from core.register.log.database import open_register, open_up
from core.register.log.tables import Person, SignIn
from core.register.people import second_factor, sign_ins
from tests.engines import MONDAY
from tests.register.log import old_register


def test_people_and_sessions_of_an_older_register_are_carried_forward(empty_database_url: str, tmp_path: Path) -> None:
    old_register.write(empty_database_url)
    engine = create_engine(empty_database_url)
    moment = 1_700_000_000_000_000 if engine.dialect.name == "sqlite" else "2023-11-14 22:13:20+00"
    with engine.begin() as connection:
        person_id = connection.scalar(text("SELECT min(id) FROM people"))
        row = {"token": sign_ins.digest("old token"), "person": person_id, "moment": moment}
        columns, values = "token_hash, person_id, created_at, expires_at", ":token, :person, :moment, :moment"
        connection.execute(text(f"INSERT INTO sign_ins ({columns}) VALUES ({values})"), row)
    engine.dispose()
    register = open_up(empty_database_url, tmp_path / "evidence", organisation="pops", now=MONDAY)
    with register.read() as session:
        kept = session.get_one(SignIn, sign_ins.digest("old token"))
        assert kept.last_seen_at == kept.created_at
        assert kept.last_seen_at.timestamp() == 1_700_000_000
        assert (kept.device, kept.awaits) == ("", None)
        people = session.scalars(select(Person)).all()
        assert people and not any(person.must_change_password for person in people)
        assert second_factor.demanding_roles(session) == ()
    with register.write() as session:
        token = sign_ins.open_session(session, person_id, now=MONDAY)
        assert len(sign_ins.open_sessions(session, person_id, token, now=MONDAY + timedelta(hours=1))) == 1
    register.engine.dispose()
    open_register.cache_clear()
