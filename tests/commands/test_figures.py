"""Figures from the command line: the rows are those of the question, and the head says how they were made."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select, update

from core.__main__ import main
from core.i18n import unbroken
from core.insight import dimensions, facts, figures
from core.insight.filters import Filter
from core.register.log.database import Register
from core.register.log.tables import Person
from tests.commands import sampled
from tests.engines import MONDAY

PERIOD = Filter(date(2026, 10, 4), date(2026, 11, 14))
GIVEN = ["--from", "2026-10-04", "--to", "2026-11-14"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sampled.fill(tmp_path_factory.mktemp("figures") / "data")


@pytest.fixture
def register(data: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    return sampled.opened(data, monkeypatch)


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["figures", *arguments, "--as-of", MONDAY.isoformat(), "--language", "en"]) == 0
    return capsys.readouterr().out


def _read(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Head and rows of a CSV."""
    lines = text.splitlines()
    head = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))
    return head, list(csv.DictReader(io.StringIO("\n".join(line for line in lines if not line.startswith("# ")))))


@pytest.mark.parametrize("name", figures.FIGURES)
def test_the_csv_reads_back_as_the_question_answered(
    name: str, register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    one, known = figures.get(name), facts.current(register)
    by = one.by[:1]
    head, rows = _read(_said(capsys, name, *GIVEN, "--by", ",".join(by)))
    wanted = figures.ask(name, known, PERIOD, MONDAY, by)
    assert len(rows) == len(wanted)
    for row, (_, expected) in zip(rows, wanted.iterrows(), strict=True):
        for column, value in expected.items():
            said = row[str(column)]
            expected_text = "" if pd.isna(value) else value if isinstance(value, str) else float(value)
            assert (float(said) if isinstance(expected_text, float) else said) == expected_text, column
    assert head["figure"] == name and head["definition"] == unbroken(one.definition)
    assert (head["numerator"], head["denominator"]) == (one.share or ("–", "–"))
    assert (head["period"], head["moment"]) == ("2026-10-04/2026-11-14", "2026-11-16T09:00:00+07:00")


def test_json_has_the_same_under_keys(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(
        _said(capsys, "volume", *GIVEN, "--by", "category", "--filter", "channel=hotline,email", "--json")
    )
    narrowed = PERIOD.only("channel", "hotline", "email")
    wanted = figures.ask("volume", facts.current(register), narrowed, MONDAY, ("category",))
    assert [(row["category"], row["count"], row["share"]) for row in found["rows"]] == [
        (row.category, row.count, row.share)
        for row in wanted[["category", "count", "share"]].itertuples(index=False, name="Row")
    ]
    assert found["rows"][0]["category_name"] == dimensions.name_of("category", found["rows"][0]["category"])
    assert found["by"] == ["category"] and sorted(found["filter"]["channel"].split(",")) == ["email", "hotline"]
    assert (found["complaints"], found["covers_period"]) == (200, found["covers_from"] <= "2026-10-04")
    assert found["units"] == {"count": "complaints", "all": "complaints", "share": "share"}


def test_persons_are_named_and_a_name_orders_nothing(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    with register.write() as session:
        person = session.scalars(select(Person).where(Person.id == 3)).one()
        kept, person.name = person.name, "=1+1\x1b[2J\nÁnh"
    _, rows = _read(_said(capsys, "workload", *GIVEN, "--by", "person"))
    with register.write() as session:
        session.execute(update(Person).where(Person.id == 3).values(name=kept))
    names = {row["person"]: row["person_name"] for row in rows}
    assert names["3"].startswith("'=1+1") and "\x1b" not in names["3"] and names["none"] == "nobody has it"


def test_a_name_that_runs_backwards_leaves_the_json_whole(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    with register.write() as session:
        kept = session.scalars(select(Person.name).where(Person.id == 3)).one()
        session.execute(update(Person).where(Person.id == 3).values(name="\u202eשלום\x9b2J"))
    found = json.loads(_said(capsys, "workload", *GIVEN, "--by", "person", "--json"))
    with register.write() as session:
        session.execute(update(Person).where(Person.id == 3).values(name=kept))
    names = {row["person"]: row["person_name"] for row in found["rows"]}
    assert "שלום" in names["3"] and not {"\u202e", "\x9b"} & set(names["3"])


def test_fields_are_named(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    assert register.is_sqlite
    _, rows = _read(_said(capsys, "amounts", *GIVEN, "--by", "field"))
    assert {row["field"]: row["field_name"] for row in rows} == {"amount": "Amount"}


def test_without_a_name_all_are_listed_with_their_definitions(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["figures"]) == 0
    said = capsys.readouterr().out
    assert register.is_sqlite and "volume: Hồ sơ ghi nhận. Khiếu nại và yêu cầu tư vấn" in said
    assert main(["figures", "--json", "--language", "en"]) == 0
    listed = {one["figure"]: one for one in json.loads(capsys.readouterr().out)}
    assert [*listed] == [*figures.FIGURES]
    assert listed["volume"]["definition"] == figures.FIGURES["volume"].definition
    assert "category" in listed["volume"]["by"] and listed["ageing"]["by"] == []


def test_a_period_that_the_register_does_not_cover_is_said(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _said(capsys, "volume", "--from", "2020-01-01", "--to", "2026-11-15")
    first = figures.coverage(facts.current(register), MONDAY).since
    assert f"# The register does not cover all of this period: it begins on {first}." in said
    assert "# covers_period: no" in said


REFUSED = [
    (["nothing"], "There is no figure nothing", "a name that is none"),
    (["volume", "--by", "moon"], "volume is not split by moon", "a split that is none"),
    (["volume", "--from", "2026-11-01"], "Give --from and --to together", "half a period"),
    (["volume", "--from", "2026-11-02", "--to", "2026-11-01"], "--from 2026-11-02 is after", "the wrong way round"),
    (["volume", "--from", "1/11/2026", "--to", "2026-11-01"], "--from: 1/11/2026 is not a date", "no ISO date"),
    (["volume", "--filter", "moon=full"], "--filter moon=full: name one of procedure", "no dimension"),
    (["volume", "--filter", "category"], "--filter category: name one of", "no keys"),
    (["volume", "--filter", "category=payment,moon"], "there is no moon among", "one key of two"),
    (["volume", "--as-of", "2026-11-01"], "--as-of: 2026-11-01 has no time zone", "a day is no moment"),
]


@pytest.mark.parametrize(("arguments", "sentence", "why"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_makes_no_sense_is_one_sentence(
    register: Register, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str, why: str
) -> None:
    assert main(["figures", *arguments, "--language", "en"]) == 2, why
    assert register.is_sqlite and sentence in capsys.readouterr().err
