"""Procedures and catalogues in the register: taken into use once, counted, attested, checked against each other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, create_engine, delete, event, func, inspect, select, text, update
from sqlalchemy.orm import Session

from core import __main__ as command_line
from core import shipped
from core.errors import Invalid, NotReady
from core.insight import facts
from core.register import rulebook
from core.register.case import complaints
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register, migrate, open_up
from core.register.log.tables import CatalogueVersion, Event, ProcedureVersion
from core.register.log.verify import verify
from core.rules.catalogue import LISTS
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.local_time import at
from tests.register.cases import TO_CLOSED, advanced, logged, take
from tests.register.log import old_register
from tests.rules.unknown_names import UNKNOWN

LATER = MONDAY + timedelta(days=1)
AUDIT = '\n[audit]\nvi = "Phòng Kiểm toán"\nen = "Audit"\n'


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files to edit; ``migrate`` reads it in place of theirs."""
    folder = tmp_path / "shipped"
    for name in ("procedures", "catalogue", "calendar"):
        shutil.copytree(shipped.DATA / name, folder / name)
    monkeypatch.setattr(shipped, "DATA", folder)
    return folder


def edit(file: Path, good: str, bad: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert good in content
    file.write_text(content.replace(good, bad, 1), encoding="utf-8")


def append(file: Path, more: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")


def versions(register: Register) -> dict[str, int]:
    """Procedure or catalogue → its newest version in the register."""
    with register.read() as session:
        return {one.name: one.version for one in rulebook.in_use(session)}


def add_department(register: Register, more: str = AUDIT) -> int:
    content = shipped.catalogue_texts()["departments"] + more
    with register.write() as session:
        return rulebook.add_catalogue(session, "departments", content, Act(None, LATER))


# taken into use


def test_a_new_register_has_the_first_version_of_everything(register: Register) -> None:
    assert versions(register) == dict.fromkeys((*LISTS, *shipped.procedures()), 1)
    with register.read() as session:
        assert rulebook.catalogues(session) == shipped.catalogues()
        events = session.scalar(select(func.count()).select_from(Event).where(Event.subject == "catalogue"))
    assert events == len(LISTS)
    assert verify(register).problems == []


def test_a_changed_file_becomes_the_next_version_and_its_event(register: Register, data: Path) -> None:
    append(data / "catalogue" / "departments.toml", AUDIT)
    edit(data / "procedures" / "pops.toml", "amount = 5", "amount = 4")
    open_up(register.url, register.evidence_dir, now=LATER)
    changed = {name for name, version in versions(register).items() if version == 2}
    assert changed == {"departments", "pops"}
    with register.read() as session:
        assert rulebook.catalogues(session).departments["audit"].en == "Audit"
        kinds = select(Event.subject, Event.payload).where(Event.subject_id == 2, Event.kind == "applied")
        said = {row.subject: row.payload for row in session.execute(kinds)}
    assert set(said) == {"catalogue", "procedure"} and '"name":"departments","version":2' in said["catalogue"]
    assert verify(register).problems == []


@pytest.mark.parametrize(
    ("file", "good", "other"),
    [
        ("procedures/pops.toml", "# Nothing in the source lets", "# No source lets"),
        ("procedures/pops.toml", 'swaps = "none"\n', 'swaps   =   "none"\n\n'),
        ("catalogue/departments.toml", "# To whom CSKH forwards", "# Where CSKH sends them"),
    ],
)
def test_another_comment_or_layout_is_no_new_version(
    register: Register, data: Path, file: str, good: str, other: str
) -> None:
    edit(data / file, good, other)
    open_up(register.url, register.evidence_dir, now=LATER)
    assert set(versions(register).values()) == {1}


def test_another_order_of_a_list_is_a_new_version(sqlite_register: Register, data: Path) -> None:
    entry = '[legal]\nvi = "Phòng Pháp chế"\nen = "Legal"\n'
    file = data / "catalogue" / "departments.toml"
    edit(file, entry, "")
    file.write_text(entry + file.read_text(encoding="utf-8"), encoding="utf-8")
    open_up(sqlite_register.url, sqlite_register.evidence_dir, now=LATER)
    with sqlite_register.read() as session:
        assert next(iter(rulebook.catalogues(session).departments)) == "legal"


@pytest.mark.parametrize(
    "spoil",
    [
        update(CatalogueVersion).where(CatalogueVersion.name == "causes").values(content="[x]\nvi='x'\nen='x'"),
        delete(CatalogueVersion).where(CatalogueVersion.name == "causes"),
    ],
)
def test_a_catalogue_changed_behind_the_log_is_found(register: Register, spoil: Update | Delete) -> None:
    with register.engine.begin() as connection:
        connection.execute(spoil)
    assert verify(register).problems == ["catalogue causes version 1: is not the one that was taken into use"]


def test_a_register_without_catalogues_says_what_to_run(empty_database_url: str, tmp_path: Path) -> None:
    migrate(empty_database_url)
    register = Register(empty_database_url, tmp_path)
    with register.read() as session, pytest.raises(NotReady, match=r"no catalogue “channels” yet: run “python -m core"):
        rulebook.catalogues(session)
    register.engine.dispose()


# refused


@pytest.fixture
def migrating(empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """``python -m core migrate`` works on an empty database here."""
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return empty_database_url


@pytest.mark.parametrize(("key", "good", "bad", "says", "mend"), UNKNOWN)
def test_migrate_refuses_a_name_that_nobody_knows_and_writes_nothing(
    migrating: str, data: Path, capsys: pytest.CaptureFixture[str], key: str, good: str, bad: str, says: str, mend: str
) -> None:
    edit(data / "procedures" / f"{key}.toml", good, bad)
    assert command_line.main(["migrate"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{key}.toml: {says}") and mend in told and told.count("\n") == 1
    assert _tables(migrating) == []


@pytest.mark.parametrize(
    ("file", "good", "bad", "says"),
    [
        ("procedures/pops.toml", 'key = "pops"', 'key = "pops"\nversion = 2',
         "pops.toml: version is not known here: the register counts versions, remove this line."),
        ("procedures/pops.toml", 'key = "pops"', 'key = "popz"', "pops.toml: key must be pops"),
        ("catalogue/channels.toml", "[letter]", "[mail]", "dai-huu.toml: channels names an unknown channel “letter”"),
        ("catalogue/channels.toml", "[letter]", "[Letter]", "channels.toml, Letter: a key is lower-case"),
    ],
)  # fmt: skip
def test_migrate_refuses_a_wrong_file_and_leaves_the_register_as_it_was(
    register: Register,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str,
    good: str,
    bad: str,
    says: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", register.url)
    before = verify(register).seal
    edit(data / file, good, bad)
    append(data / "catalogue" / "departments.toml", AUDIT)  # would be taken into use if the rest were right
    assert command_line.main(["migrate"]) == 2
    assert capsys.readouterr().err.startswith(says)
    assert verify(register).seal == before and set(versions(register).values()) == {1}


def test_a_procedure_without_a_file_holds_the_catalogues_to_its_names(register: Register, data: Path) -> None:
    """The register alone knows it: a channel it still names cannot go."""
    own = (data / "procedures" / "vhv.toml").read_text(encoding="utf-8")
    (data / "procedures" / "own.toml").write_text(own.replace('key = "vhv"', 'key = "own"'), encoding="utf-8")
    open_up(register.url, register.evidence_dir, now=LATER)
    for file in (data / "procedures").glob("*.toml"):
        content = file.read_text(encoding="utf-8")
        file.write_text(content.replace('"hotline", ', "").replace(', "hotline"', ""), encoding="utf-8")
    (data / "procedures" / "own.toml").unlink()
    edit(data / "catalogue" / "channels.toml", '[hotline]\nvi = "Hotline"\nen = "Hotline"\n', "")
    before = verify(register).seal
    with pytest.raises(Invalid, match=r"own\.toml: channels names an unknown channel “hotline”"):
        open_up(register.url, register.evidence_dir, now=LATER)
    assert verify(register).seal == before


def _tables(url: str) -> list[str]:
    engine = create_engine(url)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


# what is checked and named


def test_a_department_added_to_the_register_is_accepted_by_forward(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, steps=2)
    asked: StepFields = {"department": "audit", "text": "Kiểm tra", "due_at": at("2026-11-18 17:30")}
    agent, when = cast.agent, at("2026-11-16 10:10")
    with pytest.raises(Invalid) as refused:
        take(register, "forward", complaint, agent, when, version=complaint.version, **asked)
    assert set(refused.value.fields) == {"department"}
    add_department(register)
    sent = take(register, "forward", complaint, agent, when, version=complaint.version, **asked)
    assert sent.department == "audit"


def test_a_draft_is_checked_against_the_register(register: Register, cast: Cast) -> None:
    content = shipped.catalogue_texts()["products"] + '\n[pops_music]\nvi = "Nhạc"\nen = "Music"\n'
    with pytest.raises(Invalid):
        logged(register, cast, product="pops_music")
    with register.write() as session:
        rulebook.add_catalogue(session, "products", content, Act(None, LATER))
    assert logged(register, cast, product="pops_music").product == "pops_music"


def test_procedures_and_levels_are_named_by_their_newest_version(register: Register, data: Path) -> None:
    edit(data / "procedures" / "misa.toml", 'organisation = "MISA"', 'organisation = "MISA JSC"')
    edit(data / "procedures" / "misa.toml", 'label = "Nghiêm trọng"', 'label = "Nặng"')
    with register.read() as session:
        assert rulebook.catalogues(session).procedures["misa"].vi == "MISA", "the file alone names nothing"
    open_up(register.url, register.evidence_dir, now=LATER)
    with register.read() as session:
        found = rulebook.catalogues(session)
    assert (found.procedures["misa"].vi, found.levels["serious"].vi) == ("MISA JSC", "Nặng")


def test_what_another_process_takes_into_use_is_seen_by_the_next_transaction(register: Register) -> None:
    other = Register(register.url, register.evidence_dir)
    with register.read() as session:
        before = rulebook.catalogues(session)
        add_department(other)
        assert rulebook.catalogues(session) is before, "one transaction sees one moment"
    with register.read() as session:
        assert rulebook.catalogues(session).departments["audit"].vi == "Phòng Kiểm toán"
    other.engine.dispose()


def test_asking_again_costs_one_query_and_parses_nothing(register: Register) -> None:
    with register.read() as session:
        found = rulebook.catalogues(session)
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with register.read() as session:
        assert rulebook.catalogues(session) is found
        assert rulebook.catalogues(session) is found
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_a_version_that_fails_is_read_by_nobody_else(register: Register) -> None:
    with pytest.raises(ZeroDivisionError), register.write() as session:
        _add_and_fail(session)
    with register.read() as session:
        assert "audit" not in rulebook.catalogues(session).departments


def _add_and_fail(session: Session) -> None:
    rulebook.add_catalogue(session, "departments", shipped.catalogue_texts()["departments"] + AUDIT, Act(None, LATER))
    assert "audit" in rulebook.catalogues(session).departments
    raise ZeroDivisionError


# stages of terms


def test_figures_read_stages_from_the_versions_of_the_register(register: Register, cast: Cast, data: Path) -> None:
    logged(register, cast)
    assert _stages_of(facts.current(register)) == {("acknowledge", "acknowledge")}
    file = data / "procedures" / "pops.toml"
    edit(file, 'key = "acknowledge"', 'key = "greet"')
    open_up(register.url, register.evidence_dir, now=LATER)
    logged(register, cast)
    assert _stages_of(facts.current(register)) == {("acknowledge", "acknowledge"), ("greet", "acknowledge")}
    edit(file, 'stage = "acknowledge"', 'stage = "negotiate"')
    open_up(register.url, register.evidence_dir, now=LATER)
    logged(register, cast)
    current = facts.current(register)
    assert _stages_of(current) == {("acknowledge", "acknowledge"), ("greet", "negotiate")}, "the newest version wins"
    assert current.cycles.sort("complaint_id").equals(facts.load(register).cycles.sort("complaint_id"))


def _stages_of(found: facts.Facts) -> set[tuple[str, str]]:
    return {(str(row["term"]), str(row["stage"])) for row in found.cycles.to_dicts()}


# a register of version 0.1


@pytest.fixture
def old(empty_database_url: str, tmp_path: Path) -> Iterator[Register]:
    """Five complaints as version 0.1 left them, at schema 0001."""
    old_register.write(empty_database_url)
    register = Register(empty_database_url, tmp_path / "evidence")
    yield register
    register.engine.dispose()


def test_an_old_register_is_brought_up_to_date_with_everything_in_it(old: Register) -> None:
    before = old_register.contents()
    with pytest.raises(NotReady, match="at schema 0001"):
        old.check()
    migrate(old.url)
    old.check()
    alone = before["report"] | {"seal": "", "events": before["report"]["events"] + 1}
    assert _report(old) | {"seal": ""} == alone, "the schema adds one event, which attests the customers"
    assert _cycles(old) == before["cycles"]
    open_up(old.url, old.evidence_dir, now=LATER)
    assert _report(old) | {"seal": "", "events": 0} == before["report"] | {"seal": "", "events": 0}
    assert verify(old).events == alone["events"] + len(LISTS)
    assert _cycles(old) == before["cycles"]
    assert versions(old) == dict.fromkeys((*LISTS, *shipped.procedures()), 1), "a line less is no new version"
    with old.read() as session:
        assert rulebook.catalogues(session) == shipped.catalogues()


def test_an_old_case_goes_on_where_it_stood(old: Register) -> None:
    open_up(old.url, old.evidence_dir, now=LATER)
    with old.engine.connect() as connection:
        row = connection.execute(text("SELECT id, version FROM complaints WHERE code = 'KN-2026-000002'")).one()
    step, fields, _when, state = TO_CLOSED[3]
    with old.write() as session:
        taken = complaints.take(
            session, "KN-2026-000002", step, fields, Act(None, at("2026-11-18 10:00"), version=row.version)
        )
        assert (taken.id, taken.state) == (row.id, state)
        contents = session.scalars(select(ProcedureVersion.content).where(ProcedureVersion.key == "pops")).all()
    assert ["version = 1" in content for content in contents] == [True], "the text it was taken into use with"
    assert verify(old).problems == []


def _report(register: Register) -> dict[str, int | str]:
    report = verify(register)
    assert report.problems == []
    return {name: getattr(report, name) for name in ("events", "complaints", "clocks", "evidence", "seal")}


def _cycles(register: Register) -> list[list[object]]:
    """[code, term, stage, number, due_at, stopped_at, working_seconds] of every clock, as figures count them."""
    found = facts.load(register)
    codes = found.complaints.select("id", "code")
    rows = found.cycles.join(codes, left_on="complaint_id", right_on="id").sort("complaint_id", "term", "number")
    return [
        [row["code"], row["term"], row["stage"], row["number"],
         _iso(row["due_at"]), _iso(row["stopped_at"]), row["working_seconds"]]
        for row in rows.to_dicts()
    ]  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
