"""Keys of the intake API (D41): made and revoked by an administrator, each time an event; only digests are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from core.errors import Invalid, NotAllowed, NotFound
from core.register.api import keys
from core.register.api.keys import CREATE, FOLLOW, Draft
from core.register.log.act import Act
from core.register.log.database import Register, migrate
from core.register.log.tables import ApiKey, Event
from core.register.log.verify import verify
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.api.given import SITE, made
from tests.register.log.old_register import back_to

SAME = "name, channel, scopes, origins, 'x', made_at, made_by, NULL, NULL, NULL"
APP = Draft("Ứng dụng POPS", "app_ios")


def test_an_administrator_makes_and_revokes_it(register: Register, cast: Cast) -> None:
    act = Act(cast.admin, MONDAY)
    with register.write() as session:
        key = keys.make(session, replace(APP, name="  Ứng dụng \n POPS "), act)
    with register.read() as session:
        known = keys.recognise(session, key)
        ((row, made_by),) = keys.every(session)
        whole = str(session.execute(select(Event.payload).where(Event.subject == "api_key")).all())
    assert known is not None and (known.channel, known.scopes, known.is_public) == ("app_ios", (CREATE, FOLLOW), False)
    assert (row.name, made_by, row.made_by) == ("Ứng dụng POPS", cast.admin.name, cast.admin.id)
    assert key not in whole + str(vars(row))
    with register.write() as session:
        keys.revoke(session, row.id, act)
    with register.read() as session:
        assert keys.recognise(session, key) is None
    assert verify(register).is_whole


@pytest.mark.parametrize("role", ["reporter", "agent", "lead", "handler", "manager", "analyst"])
def test_nobody_else_does(sqlite_register: Register, sqlite_cast: Cast, role: str) -> None:
    key_id, _key = made(sqlite_register)
    act = Act(getattr(sqlite_cast, role), MONDAY)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        keys.make(session, APP, act)
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        keys.revoke(session, key_id, act)
    with sqlite_register.read() as session:
        assert [row.revoked_at for row, _by in keys.every(session)] == [None]


@pytest.mark.parametrize(
    ("wanted", "field", "why"),
    [
        (replace(APP, name=" \n "), "name", "nobody could tell which one to revoke"),
        (replace(APP, name="x" * 81), "name", "longer than a line"),
        (replace(APP, channel="carrier_pigeon"), "channel", "no such channel"),
        (replace(APP, scopes=()), "scopes", "it could do nothing"),
        (replace(APP, scopes=("create", "erase")), "scopes", "no such scope"),
        (replace(APP, origins=(SITE,)), "scopes", "what everybody reads may not follow cases"),
        (replace(APP, scopes=(CREATE,), origins=("",)), "origins", "a page of no site"),
        (
            replace(APP, scopes=(CREATE,), origins=("http://www.pops.example",)),
            "origins",
            "anybody on the way changes it",
        ),
        (replace(APP, scopes=(CREATE,), origins=(f"{SITE}/form",)), "origins", "browsers send no path"),
        (replace(APP, scopes=(CREATE,), origins=("https://*.example",)), "origins", "no patterns"),
        (replace(APP, scopes=(CREATE,), origins=(f"{SITE}:123456",)), "origins", "no such port"),
        (replace(APP, scopes=(CREATE,), origins=tuple(f"{SITE}:{n}" for n in range(1, 12))), "origins", "eleven sites"),
    ],
)
def test_what_makes_no_sense_is_refused(sqlite_register: Register, wanted: Draft, field: str, why: str) -> None:
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        keys.make(session, wanted, Act(None, MONDAY))
    assert list(refused.value.fields) == [field], why


def test_sites_are_read_as_they_are_typed() -> None:
    assert keys.origins_of(" https://WWW.pops.example/ ,\nhttp://localhost:8000\n") == (SITE, "http://localhost:8000")


def test_it_is_revoked_once(register: Register) -> None:
    key_id, _key = made(register)
    with register.write() as session:
        keys.revoke(session, key_id, Act(None, MONDAY))
    with pytest.raises(NotAllowed), register.write() as session:
        keys.revoke(session, key_id, Act(None, MONDAY))
    with pytest.raises(NotFound), register.write() as session:
        keys.revoke(session, key_id + 1, Act(None, MONDAY))


def test_the_sites_of_keys_in_use_are_known(register: Register) -> None:
    key_id, _key = made(register, origins=(SITE, "https://other.example"))
    made(register)
    with register.read() as session:
        asked = {
            origin: keys.is_site(session, origin) for origin in (SITE, "https://www.pops", "", "https://pops.example")
        }
    assert asked == {SITE: True, "https://www.pops": False, "": False, "https://pops.example": False}
    with register.write() as session:
        keys.revoke(session, key_id, Act(None, MONDAY))
    with register.read() as session:
        assert not keys.is_site(session, SITE)


def test_the_last_use_is_known_to_some_minutes_and_no_event(register: Register) -> None:
    key_id, _key = made(register)
    seen = []
    for minutes in (0, 4, 6):
        with register.write() as session:
            keys.check_in_use(session, [key_id, key_id], MONDAY + timedelta(minutes=minutes))
            seen.append(session.scalar(select(ApiKey.last_used_at)))
    assert seen == [MONDAY, MONDAY, MONDAY + timedelta(minutes=6)]
    assert verify(register).is_whole


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (update(ApiKey).values(scopes="create follow everything"), "it may do more"),
        (update(ApiKey).values(digest=b"another"), "another key in its place"),
        (update(ApiKey).values(revoked_at=None), "it opens again"),
        (text(f"INSERT INTO api_keys SELECT 9, {SAME} FROM api_keys"), "nobody made it"),
    ],
)  # fmt: skip
def test_verification_finds_a_key_that_the_log_does_not_give(
    sqlite_register: Register, changed: object, why: str
) -> None:
    key_id, _key = made(sqlite_register)
    with sqlite_register.write() as session:
        keys.revoke(session, key_id, Act(None, MONDAY))
    assert verify(sqlite_register).is_whole
    with sqlite_register.write() as session:
        session.execute(changed)  # type: ignore[call-overload] # an update or a text
    assert not verify(sqlite_register).is_whole, why


def test_a_register_of_the_version_before_has_none(register: Register) -> None:
    with register.write() as session:
        back_to(session, "0026")
    register.engine.dispose()
    migrate(register.url)
    with register.read() as session:
        assert keys.every(session) == []
    made(register)
    assert verify(register).is_whole
