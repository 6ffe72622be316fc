"""The commands that bring data in, as a person calls them: what they print and which exit code they leave."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from core import shipped
from core.__main__ import main
from core.commands import demo, import_
from core.errors import Invalid
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.roles import ROLES, answers_for_department
from tests.engines import MONDAY
from tests.register.importing.files import FINE, HEADER, MAPPING


@pytest.fixture
def context(sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a mapping, and the environment of a person who works there."""
    monkeypatch.setenv("DATABASE_URL", sqlite_register.url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "old.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def run_import(context: Path, *rows: str, more: tuple[str, ...] = ()) -> int:
    (context / "old.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return main(["import", str(context / "old.csv"), "--map", str(context / "old.toml"), *more])


def test_all_accepted_then_all_known(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_import(context, FINE) == import_.ALL_TAKEN
    assert capsys.readouterr().out == "Đã nhận 1 hồ sơ, 0 đã có sẵn, 0 bị từ chối (1 dòng).\n"
    assert run_import(context, FINE) == import_.ALL_TAKEN
    assert capsys.readouterr().out == "Đã nhận 0 hồ sơ, 1 đã có sẵn, 0 bị từ chối (1 dòng).\n"


def test_a_refused_row_is_told_with_row_column_and_reason(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_import(context, FINE.replace("Money", "Weather")) == import_.SOME_REFUSED
    assert "Dòng 2, cột topic: “Weather” chưa có nghĩa" in capsys.readouterr().err


def test_every_problem_is_written_where_asked(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = [FINE.replace("1,", f"{n},", 1).replace("Money", "Weather") for n in range(30)]
    assert run_import(context, *bad, more=("--problems", str(context / "bad.csv"))) == import_.SOME_REFUSED
    problems = pd.read_csv(context / "bad.csv")
    assert list(problems.columns) == ["Lý do từ chối", *HEADER.split(",")]
    assert list(problems["number"]) == list(range(30))
    assert problems["Lý do từ chối"].str.startswith("topic: “Weather” chưa có nghĩa").all()
    assert capsys.readouterr().err.count("Weather") == import_.SHOWN


def test_a_dry_run_says_that_nothing_was_written(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_import(context, FINE, more=("--dry-run", "--language", "en")) == import_.ALL_TAKEN
    assert capsys.readouterr().out == "Would accept 1, 0 already there, 0 refused (1 rows). Nothing was written.\n"
    assert run_import(context, FINE) == import_.ALL_TAKEN
    assert "Đã nhận 1 hồ sơ" in capsys.readouterr().out


def test_a_known_customer_under_another_name_is_told_by_line_without_the_name(
    context: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (context / "old.toml").write_text(MAPPING.replace('phone = "phone"', 'phone = "phone"\nname = "who"'), "utf-8")
    rows = [f"{FINE.replace('1,', f'{n},', 1)},{name}" for n, name in enumerate(("Lan", "LAN", "Hoa", "", "Mai"), 1)]
    (context / "old.csv").write_text("\n".join([f"{HEADER},who", *rows]), "utf-8")
    command = ["import", str(context / "old.csv"), "--map", str(context / "old.toml")]
    for more, sentence in (
        (["--dry-run"], "Cột who: ít nhất 2 hồ sơ ghi tên khác với tên đã biết của khách hàng (dòng 4, 6)."),
        ([], "Cột who: 2 hồ sơ ghi tên khác với tên đã biết của khách hàng (dòng 4, 6)."),
    ):
        assert main([*command, *more]) == import_.ALL_TAKEN
        said = capsys.readouterr().err
        assert sentence in said
        assert "Hoa" not in said and "Mai" not in said
    assert main(command) == import_.ALL_TAKEN
    assert not capsys.readouterr().err, "known already: nothing to say"


def test_progress_is_told_on_a_terminal_or_where_asked(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [FINE.replace("1,", f"{n},", 1) for n in range(1, 5)]
    run_import(context, *rows, more=("--dry-run", "--batch", "2"))
    assert "còn" not in capsys.readouterr().err, "a log file is no place for it"
    run_import(context, *rows, more=("--dry-run", "--batch", "2", "--progress"))
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("2 trên 4 hồ sơ; còn 0:0")
    assert last.strip() == "4 trên 4 hồ sơ; còn 0:00"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (75, "1:15"), (599, "9:59"), (600, "10:00"), (3_600, "1:00:00")]
)
def test_the_time_left_is_short(seconds: int, said: str) -> None:
    assert import_._clock(seconds) == said


def test_how_the_file_was_read_is_said_where_the_mapping_says_otherwise(
    context: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MAPPING.replace("[file]", '[file]\ndelimiter = ","').replace("Money =", '"*" = "other"\nMoney =')
    (context / "old.toml").write_text(text, encoding="utf-8")
    lines = [HEADER + ",extra", FINE.replace("Money", "Weather") + ",x"]
    (context / "old.csv").write_text("\n".join(lines).replace(",", ";"), encoding="utf-8")
    assert main(["import", str(context / "old.csv"), "--map", str(context / "old.toml")]) == import_.ALL_TAKEN
    said = capsys.readouterr().err
    assert "Tệp ngăn cách các ô bằng “;”, không phải “,” như tệp ánh xạ ghi" in said
    assert "Các cột không đọc: extra." in said
    assert "Cột topic: “Weather” không có trong tệp ánh xạ, 1 dòng đã được xếp theo “*”." in said


@pytest.mark.parametrize(
    ("file", "mapping", "said"),
    [
        ("none.csv", "old.toml", "Không mở được “none.csv”"),
        ("old.csv", "none.toml", "Không mở được “none.toml”"),
        ("old.csv", "old.csv", "old.csv"),
        ("old.toml", "old.toml", "không có cột"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_code_2(
    context: Path, capsys: pytest.CaptureFixture[str], file: str, mapping: str, said: str
) -> None:
    (context / "old.csv").write_text(f"{HEADER}\n{FINE}\n", encoding="utf-8")
    assert main(["import", str(context / file), "--map", str(context / mapping)]) == 2
    told = capsys.readouterr().err
    assert any(part in told for part in said.split("|"))
    assert "Traceback" not in told


def test_only_somebody_who_may_import_can_be_named(context: Path, sqlite_register: Register) -> None:
    with sqlite_register.write() as session:
        for role in ("agent", "lead"):
            accounts.add(session, Account(login=role, name=role, role=role), None, Act(None, MONDAY))
    assert run_import(context, FINE, more=("--by", "agent")) == 2
    assert run_import(context, FINE, more=("--by", "lead")) == import_.ALL_TAKEN


def test_verify_says_whole(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_import(context, FINE)
    assert main(["verify"]) == 0
    assert "Toàn vẹn: " in capsys.readouterr().out


# the demo


def test_the_demo_opens_to_every_role_and_can_be_made_again(
    sqlite_register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "COMPLAINTS", 30)
    demo.make(sqlite_register, MONDAY)
    with sqlite_register.read() as session:
        before = {person.login: person.role for person in accounts.list_people(session) if person.password_hash}
    assert before == {role: role for role in ROLES}
    for role in ROLES:
        token = sign_ins.sign_in(sqlite_register, role, demo.password_of(role), now=MONDAY)
        with sqlite_register.read() as session:
            assert sign_ins.who(session, token, now=MONDAY), "nothing is asked beside the password"
    demo.make(sqlite_register, MONDAY)
    with sqlite_register.read() as session:
        assert {p.login: p.role for p in accounts.list_people(session) if p.password_hash} == before


@pytest.mark.parametrize("key", shipped.organisations())
def test_the_demo_of_each_organisation_speaks_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(demo, "COMPLAINTS", 30)
    register = open_up(f"sqlite:///{tmp_path}/complaints.db", tmp_path / "evidence", organisation=key, now=MONDAY)
    demo.make(register, MONDAY, key)
    with register.read() as session:
        people = {person.login: person for person in accounts.list_people(session) if person.password_hash}
        used = set(session.scalars(select(Complaint.category)))
    departments = shipped.catalogues(key).departments
    assert set(people) == {role for role in ROLES if departments or not answers_for_department(role)}
    assert {person.department for person in people.values()} - {None} <= set(departments)
    assert used <= set(shipped.catalogues(key).categories)
    register.engine.dispose()


def test_the_demo_of_one_organisation_is_not_that_of_another(sqlite_register: Register) -> None:
    with pytest.raises(Invalid, match="register of POPS already"):
        demo.make(sqlite_register, MONDAY, "misa")


def test_the_demo_never_publishes_passwords_of_a_real_register(sqlite_register: Register) -> None:
    with sqlite_register.write() as session:
        draft = Draft(channel="email", recorded_at=MONDAY, statement="Thật", category="other")
        log(session, draft, Act(None, MONDAY))
    with pytest.raises(Invalid, match="in use"):
        demo.make(sqlite_register, MONDAY)


def test_the_demo_is_never_the_register_of_the_environment() -> None:
    environ = {"DATABASE_URL": "postgresql+psycopg://user@host/real", "PORT": "9000"}
    settings = demo.demo_settings(environ)
    assert settings.database_url.startswith("sqlite:///")
    assert settings.data_dir.name == "demo"
    assert settings.port == 9000
    assert demo.demo_settings(environ, "misa").data_dir.name == "demo-misa", "a folder for each organisation"
