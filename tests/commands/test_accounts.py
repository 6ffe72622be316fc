"""Migrating, setting up and keeping accounts from the command line."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from pathlib import Path

import pyotp
import pytest
from sqlalchemy.orm import Session

from core.__main__ import main
from core.clock import utc_now
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import accounts, invitations, second_factor, setup, sign_ins
from core.settings import Settings
from tests.engines import MONDAY

GOOD = "ba con mèo đen 7"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DATABASE_URL", "PORT", "BASE_URL", "SECURE_COOKIE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    return Settings.from_env({"DATA_DIR": str(tmp_path)})


def run(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(list(words))


def person(settings: Settings, login: str) -> Person:
    with open_register(settings.database_url, settings.evidence_dir).read() as session:
        return accounts.find(session, login)


def test_set_up_makes_the_register_and_the_first_administrator_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("setup", "--admin", "Quản Trị", "--password-stdin")
    assert run(monkeypatch, *words, typed=GOOD + "\n") == 0
    register = open_register(settings.database_url, settings.evidence_dir)
    assert sign_ins.sign_in(register, "admin", GOOD, now=MONDAY)
    assert run(monkeypatch, *words, "--login", "second", typed=GOOD + "\n") == 2
    assert "already set up" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_set_up_for_another_organisation_says_whose_the_register_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "setup", "--organisation", "misa") == 0
    assert run(monkeypatch, "setup", "--organisation", "pops") == 2
    assert capsys.readouterr().err == (
        "This is the register of MISA already: another organisation needs one of its own.\n"
    )
    words = ("--organisation", "misa", "--organisation-name", " MISA ", "--admin", "Quản Trị", "--password-stdin")
    assert run(monkeypatch, "setup", *words, typed=GOOD + "\n") == 0, "the same one goes on to its administrator"


@pytest.mark.usefixtures("settings")
def test_set_up_names_an_empty_organisation_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("setup", "--organisation", "empty", "--organisation-name", "Bưu điện")
    assert run(monkeypatch, *words) == 0
    assert "This is the register of Bưu điện." in capsys.readouterr().out
    assert run(monkeypatch, "setup", "--organisation-name", "Khác") == 2, "it has a name: the page of lists changes it"


def test_set_up_says_what_is_wrong_and_leaves_no_account(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed="short\n") == 2
    assert "password" in capsys.readouterr().err
    with open_register(settings.database_url, settings.evidence_dir).read() as session:
        assert setup.needs_setup(session)


@pytest.mark.usefixtures("settings")
def test_set_up_fills_in_sample_data_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("core.commands.sample.fill", lambda _register, wanted, *_until, **_seed: asked.append(wanted))
    assert run(monkeypatch, "setup", "--admin", "A", "--password-stdin", "--sample", "250", typed=GOOD + "\n") == 0
    assert asked == [250]


def test_migrating_prints_no_set_up_code_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "migrate") == 0
    assert run(monkeypatch, "migrate") == 0
    assert "code" not in capsys.readouterr().out


def test_accounts_are_added_listed_changed_and_closed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed=GOOD + "\n")
    new = ("person", "add", "lan", "Lan Anh", "--role", "handler", "--department", "payment", "--password-stdin")
    assert run(monkeypatch, *new, typed=GOOD + "\n") == 0
    assert person(settings, "lan").department == "payment"
    assert run(monkeypatch, "person", "role", "lan", "--role", "lead") == 0
    assert (person(settings, "lan").role, person(settings, "lan").department) == ("lead", None)
    assert run(monkeypatch, "person", "password", "lan", "--password-stdin", typed="sáu con chim sẻ\n") == 0
    assert run(monkeypatch, "person", "disable", "lan") == 0
    assert not person(settings, "lan").active
    assert run(monkeypatch, "person", "list") == 0
    listed = capsys.readouterr().out
    assert "Lan Anh  (cannot sign in)" in listed
    assert GOOD not in listed
    assert run(monkeypatch, "person", "enable", "lan") == 0
    register = open_register(settings.database_url, settings.evidence_dir)
    assert sign_ins.sign_in(register, "lan", "sáu con chim sẻ", now=MONDAY)


@pytest.mark.parametrize(
    "words", [("add", "bao", "Bảo", "--role", "lead"), ("password", "admin")], ids=["a new account", "a new password"]
)
def test_a_password_is_read_before_the_turn_to_write(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Whoever types slowly keeps nobody from writing."""
    run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed=GOOD + "\n")
    order: list[str] = []
    write = Register.write

    class Typing:
        def readline(self) -> str:
            order.append("typed")
            return GOOD + "\n"

    def noted(register: Register) -> AbstractContextManager[Session]:
        order.append("turn")
        return write(register)

    monkeypatch.setattr(Register, "write", noted)
    monkeypatch.setattr("sys.stdin", Typing())
    assert main(["person", *words, "--password-stdin"]) == 0
    assert order == ["typed", "turn"]


def test_a_new_account_prints_one_link_by_which_the_person_sets_the_password(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed=GOOD + "\n")
    capsys.readouterr()
    register = open_register(settings.database_url, settings.evidence_dir)
    for words in (("person", "add", "lan", "Lan Anh", "--role", "agent"), ("person", "invite", "lan")):
        assert run(monkeypatch, *words) == 0
        address, code = capsys.readouterr().out.strip().split("/invite?code=")
        assert address == "http://localhost:8501"
    with register.write() as session:
        invitations.accept(session, code, "sáu con chim sẻ", now=utc_now())
    token = sign_ins.sign_in(register, "lan", "sáu con chim sẻ", now=MONDAY)
    with register.read() as session:
        assert sign_ins.who(session, token, now=MONDAY) is not None


def test_a_password_from_the_command_line_is_for_now_and_that_of_set_up_is_ones_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed=GOOD + "\n")
    run(monkeypatch, "person", "add", "lan", "Lan Anh", "--role", "agent", "--password-stdin", typed=GOOD + "\n")
    run(monkeypatch, "person", "add", "bao", "Bảo Trân", "--role", "lead")
    run(monkeypatch, "person", "password", "bao", "--password-stdin", typed="sáu con chim sẻ\n")
    owed = {login: person(settings, login).must_change_password for login in ("admin", "lan", "bao")}
    assert owed == {"admin": False, "lan": True, "bao": True}


def test_the_last_administrator_who_lost_the_device_is_helped_from_the_command_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed=GOOD + "\n")
    admin, register = person(settings, "admin"), open_register(settings.database_url, settings.evidence_dir)
    with register.write() as session:
        secret = second_factor.offer(session, admin.id, now=MONDAY)
        second_factor.turn_on(session, admin.id, pyotp.TOTP(secret).at(MONDAY), Act(admin, MONDAY))
    assert run(monkeypatch, "person", "reset-second-factor", "admin") == 0
    with register.read() as session:
        assert not second_factor.is_on(session, admin.id)
    assert run(monkeypatch, "person", "reset-second-factor", "admin") == 2
    assert "is off" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("person", "disable", "nobody"), "no account"),
        (("person", "disable", "admin"), "last administrator"),
        (("person", "add", "x y", "X", "--role", "lead", "--password-stdin"), "login"),
        (("person", "add", "x", "X", "--role", "handler", "--password-stdin"), "department"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    run(monkeypatch, "setup", "--admin", "Quản Trị", "--password-stdin", typed=GOOD + "\n")
    assert run(monkeypatch, *words, typed=GOOD + "\n") == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_without_a_register_accounts_say_to_migrate_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "person", "list") == 2
    assert "python -m core migrate" in capsys.readouterr().err
