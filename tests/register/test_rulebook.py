"""Procedures and catalogues in the register: taken into use once, counted, attested, checked against each other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Delete, MetaData, Update, create_engine, delete, event, func, inspect, select, text, update
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
from core.rules.catalogue import LISTS, parse
from core.rules.organisation import Organisation
from tests.conftest import Cast
from tests.engines import MONDAY, everything
from tests.local_time import at
from tests.register.cases import TO_CLOSED, advanced, logged, take
from tests.register.log import old_register
from tests.register.log.old_register import figures_of, report_of
from tests.rules.unknown_names import UNKNOWN

LATER = MONDAY + timedelta(days=1)
AUDIT = '\n[audit]\nvi = "Phòng Kiểm toán"\nen = "Audit"\n'


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files to edit; ``migrate`` reads it in place of theirs."""
    folder = tmp_path / "shipped"
    for name in ("procedures", "organisations", "calendar"):
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
    with register.write() as session:
        return _add(session, "departments", more)


def _add(session: Session, name: str, more: str) -> int:
    entries = parse(shipped.catalogue_texts()[name] + more, name=name, file=name)
    return rulebook.add_catalogue(session, name, entries.values(), Act(None, LATER))


# taken into use


def test_a_register_has_the_first_version_of_everything_of_its_organisation(register: Register) -> None:
    again = {"organisation": 1, "levels": 2}  # POPS has none; the procedure of MISA, enabled beside, brought its own
    assert versions(register) == dict.fromkeys((*LISTS, *shipped.procedures()), 1) | again
    with register.read() as session:
        assert rulebook.catalogues(session) == everything()
        events = session.scalar(select(func.count()).select_from(Event).where(Event.subject == "catalogue"))
    assert events == len(LISTS) + 2
    assert verify(register).problems == []


def test_files_of_an_update_change_nothing_by_themselves(register: Register, data: Path) -> None:
    """What the organisation uses is its own (D20); ``core.register.organisation.proposals`` offers what is new."""
    append(data / "organisations" / "pops" / "departments.toml", AUDIT)
    edit(data / "procedures" / "pops.toml", "amount = 5", "amount = 4")
    before = verify(register).seal
    open_up(register.url, register.evidence_dir, now=LATER)
    assert verify(register).seal == before
    with register.read() as session:
        assert "audit" not in rulebook.catalogues(session).departments


def test_what_is_in_use_is_read_together_and_once(register: Register) -> None:
    asked: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda _c, _cur, query, *_more: asked.append(query))

    def contents() -> list[str]:
        """How many texts were asked for since: the tables, each as often as it was."""
        found = [
            table for query in asked for table in ("catalogue", "procedure") if f"{table}_versions.content" in query
        ]
        asked.clear()
        return found

    with register.read() as session:
        rulebook.catalogues(session)
    assert contents() == ["catalogue", "catalogue", "procedure"], "the organisation, the lists, the procedures"
    with register.write() as session:
        rulebook.catalogues(session)
        _add(session, "departments", AUDIT)
        assert "audit" in rulebook.catalogues(session).departments
    assert contents() == ["catalogue"], "the version that was written"
    with register.read() as session:
        assert "audit" in rulebook.catalogues(session).departments
    assert contents() == ["catalogue"], "and nobody else had it parsed"


def test_a_version_of_a_transaction_that_failed_is_parsed_for_nobody_else(register: Register) -> None:
    with register.write() as session:
        _add(session, "departments", AUDIT)
        _add(session, "channels", "")
        assert "audit" in rulebook.catalogues(session).departments
        session.rollback()
    add_department(register, AUDIT.replace("audit", "treasury"))
    with register.read() as session:
        departments = rulebook.catalogues(session).departments
    assert ("treasury" in departments, "audit" in departments) == (True, False), "the same number, another version"


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


def test_a_register_that_is_nobodys_yet_says_what_to_do(empty_database_url: str, tmp_path: Path) -> None:
    register = open_up(empty_database_url, tmp_path, now=MONDAY)
    with register.read() as session, pytest.raises(NotReady, match=r"Nobody has said whose register this is: open"):
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
        ("organisations/pops/channels.toml", "[letter]", "[Letter]", "pops/channels.toml: Letter a key is lower-case"),
        ("organisations/misa/organisation.toml", '["misa"]', '["misa", "asim"]',
         "misa/organisation.toml: procedures names an unknown procedure “asim”"),
        ("procedures/pops.toml", 'key = "pops"', 'key = "pops"\nchannels = ["email"]',
         "pops.toml: channels is not known here: channels are a list of the organisation, remove this line."),
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
    assert command_line.main(["migrate"]) == 2
    assert capsys.readouterr().err.startswith(says)
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
    with pytest.raises(Invalid):
        logged(register, cast, product="pops_music")
    with register.write() as session:
        _add(session, "products", '\n[pops_music]\nvi = "Nhạc"\nen = "Music"\n')
    assert logged(register, cast, product="pops_music").product == "pops_music"


def test_procedures_are_named_by_their_newest_version(register: Register) -> None:
    text = shipped.procedure_texts()["misa"].replace('organisation = "MISA"', 'organisation = "MISA JSC"')
    with register.write() as session:
        rulebook.add_procedure(session, "misa", text, Act(None, LATER))
    with register.read() as session:
        assert rulebook.catalogues(session).procedures["misa"].vi == "MISA JSC"


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
    _add(session, "departments", AUDIT)
    assert "audit" in rulebook.catalogues(session).departments
    raise ZeroDivisionError


# stages of terms


def test_figures_read_stages_from_the_versions_of_the_register(register: Register, cast: Cast) -> None:
    logged(register, cast)
    assert _stages_of(facts.current(register)) == {("acknowledge", "acknowledge")}
    text = shipped.procedure_texts()["pops"].replace('key = "acknowledge"', 'key = "greet"', 1)
    _change(register, text)
    logged(register, cast)
    assert _stages_of(facts.current(register)) == {("acknowledge", "acknowledge"), ("greet", "acknowledge")}
    _change(register, text.replace('stage = "acknowledge"', 'stage = "negotiate"', 1))
    logged(register, cast)
    current = facts.current(register)
    assert _stages_of(current) == {("acknowledge", "acknowledge"), ("greet", "negotiate")}, "the newest version wins"
    assert current.cycles.sort("complaint_id").equals(facts.load(register).cycles.sort("complaint_id"))


def _change(register: Register, text: str) -> None:
    with register.write() as session:
        rulebook.add_procedure(session, "pops", text, Act(None, MONDAY - timedelta(hours=1)))


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
    assert report_of(old) | {"seal": ""} == alone, "the schema adds one event, which attests the customers"
    assert figures_of(old) == before["cycles"]
    open_up(old.url, old.evidence_dir, now=LATER)
    assert report_of(old) | {"seal": "", "events": 0} == before["report"] | {"seal": "", "events": 0}
    assert verify(old).events == alone["events"] + len(LISTS) + 1, "its lists, and whose it is"
    assert figures_of(old) == before["cycles"]
    assert set(versions(old).values()) == {1} and versions(old).keys() >= {*LISTS, "organisation", "pops"}
    with old.read() as session:
        assert rulebook.organisation(session) == Organisation("pops", "POPS", "POPS", ("pops", "minh-tuan", "misa"))
        found = rulebook.catalogues(session)
    assert found.categories == shipped.catalogues().categories
    assert list(found.levels) == ["normal", "serious", "critical"], "they stood in the procedure of MISA"


def test_versions_of_an_old_procedure_apply_since_they_were_taken_into_use(old: Register) -> None:
    """Its first one applies to all complaints, however old (migration 0011)."""
    schema = MetaData()
    schema.reflect(old.engine, only=["procedure_versions"])
    table = schema.tables["procedure_versions"]
    with old.engine.begin() as connection:
        first = connection.execute(select(table).where(table.c.key == "pops")).one()._mapping
        connection.execute(
            table.insert(), {**first, "version": 2, "content": first["content"].replace("amount = 5", "amount = 4")}
        )
    migrate(old.url)
    with old.read() as session:
        second, begun = rulebook.procedure_versions(session, "pops")
        taken = session.scalar(select(ProcedureVersion.applied_at).where(ProcedureVersion.version == 2))
    assert (begun, second) == ((1, None), (2, taken))
    assert taken is not None


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
