"""Texts of others in a terminal: a sentence stays one line, gives no order, and shows every sign."""

from __future__ import annotations

import ast
import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from core.__main__ import main
from core.commands import import_
from core.errors import Unavailable
from core.i18n import advice
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.failures import NO_ANSWER, NO_SERVER
from core.register.log.tables import Complaint, Evidence
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.marks import one_line
from core.settings import ROOT, Settings
from tests.engines import MONDAY, Sqlite
from tests.naughty import TEXTS
from tests.register.importing.files import FINE, HEADER, MAPPING

TERMINAL, PROGRESS = "core/commands/terminal.py", "core/commands/progress.py"
NAUGHTY = [text for text in TEXTS if "\0" not in text]
WORST = "\x1b[2J\x1b]0;evil\x07\u202egpj.exe\u2028INFO giả\r\nWARNING giả"
SHOWN = "‹U+001B›[2J‹U+001B›]0;evil‹U+0007›‹U+202E›gpj.exe INFO giả WARNING giả"


@pytest.fixture
def register(sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """An empty register that the commands work on."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LANG", "C")
    settings = Settings.from_env({"DATA_DIR": str(tmp_path / "data")})
    settings.data_dir.mkdir()
    sqlite.opened_database(settings.data_dir)
    return open_register(settings.database_url, settings.evidence_dir)


ISOLATES = "\u2068\u2069"


def is_seen(line: str) -> bool:
    """Whether nothing in ``line`` is hidden, but for what keeps a right-to-left text apart and joins pictures."""
    return all(sign.isprintable() or sign in ISOLATES + "\u200d" for sign in line)


Said = Callable[[], list[str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """The lines written since the last question; every sign of them is one that is seen."""

    def lines() -> list[str]:
        out, err = capsys.readouterr()
        written = (err + out).split("\n")
        for line in written:
            assert is_seen(line), ascii(line)
        return [line.strip(ISOLATES) for line in written]

    return lines


def test_a_worst_case() -> None:
    assert one_line(WORST) == SHOWN


def test_the_list_of_people(register: Register, said: Said) -> None:
    names = [" ".join(text.split()) for text in NAUGHTY]
    with register.write() as session:
        for number, name in enumerate(names):
            accounts.add(session, Account(f"nn{number}", name[:80], "agent"), None, Act(None, MONDAY))
        session.flush()
        accounts.find(session, "nn0").name = WORST  # as another program may have written it
    assert main(["person", "list"]) == 0
    listed = said()
    assert len(listed) == len(names) + 1
    assert any(SHOWN in line for line in listed)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("typed", [WORST, *NAUGHTY])
def test_a_refusal_quotes_what_was_typed(typed: str, said: Said) -> None:
    assert main(["person", "role", "--role", "lead", "--", typed]) == 2
    assert len(said()) == 2
    assert main(["import", f"--map={typed}", "none.csv"]) == 2
    assert len(said()) == 2


def test_verify_quotes_register_and_folder(register: Register, said: Said, tmp_path: Path) -> None:
    main(["import", str(table(tmp_path, FINE.split(","))), "--map", str(mapping(tmp_path)), "--language", "en"])
    with register.write() as session:
        session.execute(update(Complaint).values(channel=WORST[:32], code="KN\x1b[31m\n"))
        session.execute(update(Evidence).values(stored_as="\x1b[31mx\n", body=None))
    register.evidence_dir.mkdir(exist_ok=True)
    orphan = register.evidence_dir / "\x1b[2J\nverify: Whole"
    orphan.write_bytes(b"x")
    os.utime(orphan, (0, 0))
    said()
    assert main(["verify", "--language", "en"]) == 1
    lines = said()
    assert any(line.startswith("‹U+001B›[2J verify: Whole: lies in") for line in lines)
    assert not any(line.startswith(("verify: Whole", "Whole")) for line in lines)
    assert main(["backup", str(tmp_path / "copy"), "--language", "en"]) == 1
    assert "‹U+001B›[31mx : is missing from the evidence folder." in said()


def mapping(folder: Path) -> Path:
    file = folder / "old.toml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


def table(folder: Path, *rows: list[str], header: str = HEADER) -> Path:
    file = folder / "old.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([header.split(","), *rows])
    return file


COLUMNS = HEADER.split(",")
TAKES_ANYTHING = {"number", "text"}  # any text is a reference, any text is a statement


def test_every_column_of_the_mapping_is_tried() -> None:
    assert set(COLUMNS) == set(parse(MAPPING, file="old.toml").wanted())


@pytest.mark.parametrize("column", COLUMNS)
def test_an_imported_cell(register: Register, column: str, said: Said, tmp_path: Path) -> None:
    rows = []
    for number, text in enumerate([WORST, *NAUGHTY]):
        fine = dict(zip(COLUMNS, FINE.split(","), strict=True)) | {"number": str(number)}
        rows.append([*(fine | {column: text}).values()])
    problems = tmp_path / "problems.csv"
    words = ["import", str(table(tmp_path, *rows)), "--map", str(mapping(tmp_path)), "--problems", str(problems)]
    code = main(words)
    lines = said()
    if column in TAKES_ANYTHING:
        assert code == import_.ALL_TAKEN
        with register.read() as session:
            kept = {row.body for row in session.query(Evidence)} | {
                row.external_ref for row in session.query(Complaint)
            }
        assert {text.strip(" \ufeff\u2060") for text in NAUGHTY} <= kept, "stored as they were"
        return
    assert code == import_.SOME_REFUSED
    assert all(line.startswith("Line ") for line in lines[: import_.SHOWN])
    with problems.open(encoding="utf-8", newline="") as opened:
        _header, *refused = csv.reader(opened)
    assert refused, "the cells are no moments, no phones and no words of the mapping"
    for reason, *cells in refused:
        assert cells in [[cell.strip() for cell in row] for row in rows], "letter by letter"
        assert is_seen(reason), ascii(reason)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("name", [WORST, *NAUGHTY])
def test_a_column_nobody_asked_for(name: str, said: Said, tmp_path: Path) -> None:
    file = table(tmp_path, [*FINE.split(","), "x"])
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([[*COLUMNS, name], [*FINE.split(","), "x"]])
    assert main(["import", str(file), "--map", str(mapping(tmp_path)), "--dry-run", "--language", "en"]) == 0
    assert [line for line in said() if line.startswith("Not read: ")]


@pytest.mark.parametrize("text", [WORST, *NAUGHTY])
def test_a_file_of_deadlines(text: str, said: Said, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([["recorded_at", text], [text, "x"]])
    assert main(["deadlines", "pops", "--in", str(file), "--out", str(tmp_path / "out.csv"), "--language", "en"]) == 1
    column, row, end = said()
    assert (column.startswith("column "), row.startswith("row "), end) == (True, True, "")


def test_advice_is_one_line_whatever_the_driver_said() -> None:
    error = Unavailable(NO_ANSWER, NO_SERVER, place="db\x1b[31m:5432", says=f"FATAL: {WORST}")
    assert advice(error).endswith(f": FATAL: {SHOWN}")
    assert "\n" not in advice(error)


def test_commands_print_by_one_function() -> None:
    prints = {
        f"{file.relative_to(ROOT)}:{ast.unparse(node)}"
        for file in [*(ROOT / "core").glob("commands/*.py"), ROOT / "core" / "__main__.py"]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.stdout.write", "sys.stderr.write")
    }
    others = {one for one in prints if not one.startswith((TERMINAL, PROGRESS))}
    assert len(prints - others) == 4
    assert {one.partition(":")[0] for one in others if "end=end" not in one} == set(), "how far it is, in numbers"
