"""Outlets (D42): set up by an administrator alone, each change an event, no secret in it, nothing from a backup."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import Conflict, Invalid, NotAllowed
from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, Message, Outlet
from core.register.log.verify import verify
from core.register.messages import checks, choices, outbox, outlets
from core.register.messages.outlets import Wanted
from core.rules.messages import FILE, SMTP, WEBHOOK
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.cases import logged, take
from tests.register.log.old_register import back_to
from tests.register.messages.sent import SECRET, VALUES, mail_values, use


def test_an_administrator_sets_up_changes_and_removes(register: Register, cast: Cast) -> None:
    id = use(register, cast.admin, WEBHOOK)
    with register.write() as session:
        act = Act(cast.admin, MONDAY)
        (found,) = outlets.listed(session)
        assert (found.is_on, found.has_secret, found.version) == (True, True, 2)
        wanted = Wanted(WEBHOOK, "Phòng chat", {"url": "https://chat.example/other"})
        outlets.change(session, id, wanted, act, version=2)
        assert outlets.secret_of(session, id) == SECRET, "what is not typed again stays"
        with pytest.raises(Conflict):
            outlets.switch(session, id, act, version=2, is_on=False)
        outlets.remove(session, id, act, version=3)
        assert outlets.listed(session) == []
    with register.read() as session:
        assert outlets.secret_of(session, id) == "", "the secret goes with it"
        events = session.scalars(select(Event).where(Event.subject == outlets.SUBJECT).order_by(Event.seq)).all()
        assert [event.kind for event in events] == ["set_up", "switched_on", "changed", "removed"]
        assert not any(SECRET in event.payload for event in events)
    assert verify(register).problems == []


def test_verification_finds_an_outlet_that_was_changed_past_the_log(register: Register, cast: Cast) -> None:
    use(register, cast.admin, FILE)
    with register.write() as session:
        session.execute(Outlet.__table__.update().values(settings='{"folder":"elsewhere"}'))  # type: ignore[attr-defined]
    assert len(verify(register).problems) == 1


@pytest.mark.parametrize("login", ["agent", "lead", "manager", "handler", "analyst", "reporter"])
def test_nobody_else_does(sqlite_register: Register, sqlite_cast: Cast, login: str) -> None:
    by = getattr(sqlite_cast, login)
    id = use(sqlite_register, sqlite_cast.admin, FILE)
    act = Act(by, MONDAY)
    with sqlite_register.write() as session:
        for step in (
            lambda: outlets.set_up(session, Wanted(FILE, "Tệp", VALUES[FILE]), act),
            lambda: outlets.change(session, id, Wanted(FILE, "Tệp", VALUES[FILE]), act, version=2),
            lambda: outlets.switch(session, id, act, version=2, is_on=False),
            lambda: outlets.remove(session, id, act, version=2),
            lambda: outbox.try_out(session, id, act),
            lambda: outbox.resend(session, 1, act),
            lambda: choices.set_defaults(session, "agent", {"today": "off"}, act),
            lambda: choices.set_email(session, sqlite_cast.admin.id, "x@y.example", act),
        ):
            with pytest.raises(NotAllowed):
                step()


REFUSED = [
    (SMTP, mail_values() | {"server": ""}, None, {"server"}, "no server"),
    (SMTP, mail_values() | {"server": "a b"}, None, {"server"}, "no name of a host"),
    (SMTP, mail_values() | {"port": "0"}, None, {"port"}, "no port"),
    (SMTP, mail_values() | {"server": "smtp.pops.example"}, None, {"tls"}, "in clear over a network"),
    (SMTP, mail_values() | {"user": "so"}, None, {"secret"}, "a user without a password"),
    (SMTP, mail_values() | {"sender": "Sổ <so@pops.example>"}, None, {"sender"}, "a name is no address"),
    (SMTP, mail_values() | {"sender": "so@pops.example\nBcc: x@y.example"}, None, {"sender"}, "another header"),
    (WEBHOOK, {"url": "http://chat.example/hook"}, SECRET, {"url"}, "in clear over a network"),
    (
        WEBHOOK,
        {"url": "https://user:pass@chat.example/"},
        SECRET,
        {"url"},
        "a password in an address is logged somewhere",
    ),
    (WEBHOOK, {"url": "file:///etc/passwd"}, SECRET, {"url"}, "no web"),
    (WEBHOOK, {"url": "https://chat.example/hook"}, "short", {"secret"}, "guessable"),
    (
        WEBHOOK,
        {"url": "https://chat.example/hook", "department": "nobody"},
        SECRET,
        {"department"},
        "no such department",
    ),
    (FILE, {"folder": "../evidence"}, None, {"folder"}, "outside its folder"),
]


@pytest.mark.parametrize(("kind", "values", "secret", "fields", "why"), REFUSED)
def test_what_cannot_be_used_is_refused_by_its_field(
    sqlite_register: Register,
    sqlite_cast: Cast,
    kind: str,
    values: dict[str, str],
    secret: str | None,
    fields: set[str],
    why: str,
) -> None:
    with pytest.raises(Invalid) as refused, sqlite_register.write() as session:
        outlets.set_up(session, Wanted(kind, "Thử", values, secret), Act(sqlite_cast.admin, MONDAY))
    assert set(refused.value.fields) == fields, why


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("lan@pops.example", True),
        ("lan.anh+kn@mail.pops.vn", True),
        ("lan@pops", False),
        ("lan", False),
        ("lan@pops.example, anh@pops.example", False),
        ("lan anh@pops.example", False),
        ("lan@pops.example\r\nBcc: x@y.vn", False),
        ("Lan <lan@pops.example>", False),
    ],
)
def test_one_address(text: str, is_one: bool) -> None:
    assert checks.is_address(text) is is_one


def test_a_restored_backup_sends_nothing(register: Register, cast: Cast, tmp_path: Path) -> None:
    use(register, cast.admin, FILE)
    one = take(register, "acknowledge", logged(register, cast), cast.agent, MONDAY)
    take(register, "assign", one, cast.lead, MONDAY, assignee_id=cast.agent2.id)
    with register.write() as session:
        id = outlets.in_use(session)[0].id
        outbox.try_out(session, id, Act(cast.admin, MONDAY))
    with register.read() as session:
        assert session.scalars(select(Message)).all()
        save(session.connection(), tmp_path / "copy", register.evidence_dir, now=MONDAY)
    url = f"sqlite:///{tmp_path / 'back' / 'complaints.db'}"
    restore(url, tmp_path / "back" / "evidence", tmp_path / "copy", now=MONDAY)
    again = Register(url, tmp_path / "back" / "evidence")
    with again.read() as session:
        assert session.scalars(select(Message)).all() == []
        assert [one.is_on for one in outlets.listed(session)] == [False], "it is there, and off"
    again.engine.dispose()


def test_what_people_chose(register: Register, cast: Cast) -> None:
    with register.write() as session:
        choices.set_defaults(session, "agent", {"asked": "off"}, Act(cast.admin, MONDAY))
        choices.choose(session, {"asked": "morning", "today": "off"}, Act(cast.agent, MONDAY))
        with pytest.raises(Invalid):
            choices.choose(session, {"today": "at_once"}, Act(cast.agent, MONDAY))
    with register.read() as session:
        own, others = choices.of_person(session, cast.agent), choices.of_person(session, cast.agent2)
        assert (own["asked"], own["today"], own["deadlines"]) == ("morning", "off", "usual")
        assert (others["asked"], others["today"]) == ("off", "usual")
    assert verify(register).problems == []


def test_the_log_does_not_know_an_address(register: Register, cast: Cast) -> None:
    with register.write() as session:
        choices.set_email(session, cast.agent.id, " lan@pops.example ", Act(cast.agent, MONDAY))
        with pytest.raises(NotAllowed):
            choices.set_email(session, cast.agent.id, "", Act(cast.lead, MONDAY))
        choices.set_email(session, cast.agent2.id, "x@pops.example", Act(cast.admin, MONDAY))
        choices.set_email(session, cast.agent2.id, "", Act(cast.admin, MONDAY))
    with register.read() as session:
        payloads = " ".join(session.scalars(select(Event.payload)))
    assert "pops.example" not in payloads
    assert verify(register).problems == []


def test_an_older_register_has_no_way_out(register: Register, cast: Cast) -> None:
    from core.register.log.database import migrate

    complaint = logged(register, cast)
    with register.engine.begin() as connection:
        back_to(connection, "0026")
    migrate(register.url, now=MONDAY)
    register.check()
    with register.read() as session:
        assert outlets.listed(session) == []
    take(register, "acknowledge", complaint, cast.agent, MONDAY)
    assert verify(register).problems == []
