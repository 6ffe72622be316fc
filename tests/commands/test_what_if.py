"""What-if from the command line: the numbers of the question, and what it was asked under (D37)."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from core.__main__ import main
from core.insight import facts, whatif
from core.insight.filters import Filter
from core.insight.whatif import Answer, Hypothesis, Length, OfRegister
from core.register import rulebook
from core.register.log.database import Register
from core.rules.procedure import Unit
from tests.commands import sampled
from tests.engines import MONDAY

PERIOD = Filter(date(2026, 9, 7), date(2026, 11, 14))
GIVEN = ["--from", "2026-09-07", "--to", "2026-11-14", "--as-of", MONDAY.isoformat()]
SUPPOSED = ["--terms", "resolve:3:working_day", "--off", "19/11/2026", "--share", "90"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sampled.fill(tmp_path_factory.mktemp("what_if") / "data")


@pytest.fixture
def register(data: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    return sampled.opened(data, monkeypatch)


def asked(register: Register) -> Answer:
    with register.read() as session:
        newest = rulebook.procedure_at(session, "pops", MONDAY)
    supposed = Hypothesis("pops", (("resolve", Length(3, Unit.WORKING_DAY)),), off=(date(2026, 11, 19),), share=0.9)
    period = PERIOD.only("procedure", "pops")
    return whatif.ask(facts.current(register), period, supposed, MONDAY, OfRegister(register, "pops"), newest)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["what-if", *GIVEN, *arguments, "--language", "en"]) == 0
    return capsys.readouterr().out


def rows(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_each_term_before_and_after(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    found, told = asked(register), said(capsys, *SUPPOSED)
    by_term = {row["term"]: row for row in rows(told)}
    assert {*by_term} == {one.term for one in found.terms}
    for one in found.terms:
        row = by_term[one.term]
        assert [int(row[name]) for name in whatif.NUMBERS] == [getattr(one, name) for name in whatif.NUMBERS]
        assert int(row["would_reach"]) == found.reach[one.term].amount
    assert any(one.worse for one in found.terms), "there is something to tell"
    assert "# supposed: terms=resolve:3:working_day; off=2026-11-19; share=90" in told
    assert f"# changed: {found.changed}" in told


@pytest.mark.parametrize("by", ["week", "category", "department", "level", "channel"])
def test_a_split_adds_up_to_the_whole(register: Register, capsys: pytest.CaptureFixture[str], by: str) -> None:
    told = rows(said(capsys, *SUPPOSED, "--by", by))
    for one in asked(register).terms:
        its = [row for row in told if row["term"] == one.term]
        for name in whatif.NUMBERS:
            assert sum(int(row[name]) for row in its) == getattr(one, name)


def test_each_changed_case_says_both_verdicts(register: Register, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, *SUPPOSED, "--by", "case", "--json"))
    assert len(told["rows"]) == sum(one.better + one.worse for one in asked(register).terms) > 0
    for row in told["rows"]:
        assert row["verdict"] != row["verdict_then"]
        assert row["due_then"].endswith("+07:00")
    assert told["assumed"].startswith("Everybody acted as they really did")


REFUSED = [
    # arguments, what is said, why
    (["--terms", "resolve:0:hour"], "A term is written like", "no time at all"),
    (["--off", "mai"], "Write days like", "no day"),
    (["--procedure", "misa"], "There is no procedure misa", "another organisation's"),
    (["--terms", "resolve:400:working_day"], "The calendar knows", "beyond the days off that are known"),
]


@pytest.mark.parametrize(("arguments", "sentence", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_a_mistake_is_one_sentence(
    register: Register, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str, why: str
) -> None:
    assert register.is_sqlite
    assert main(["what-if", *GIVEN, *arguments, "--language", "en"]) == 2, why
    assert sentence in capsys.readouterr().err
