"""A complaint logged live comes on a fraction of a second: form, case, command line and export say the same."""

from __future__ import annotations

import argparse
import csv
import json
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import select

from core.commands import deadlines
from core.i18n import due_words
from core.insight import facts
from core.insight.slices import Slice
from core.papers import csv as papers_csv
from core.papers import rows
from core.papers.dictionary import chosen
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.calendar import LOCAL, local_day
from tests.conftest import Cast
from tests.local_time import at
from tests.pages.screen import Screen, said, values

CODE = "KN-2026-000001"
OUTSIDE = "ngoài giờ"
MOMENTS = [
    ("2026-11-20 10:00:00.5", False, "2026-11-23 17:30", "ten in the morning"),
    ("2026-11-20 08:30:00.000001", False, "2026-11-23 17:30", "just open"),
    ("2026-11-20 17:29:59.999999", False, "2026-11-23 17:30", "the last second of the day"),
    ("2026-11-20 17:30:00.000001", True, "2026-11-25 17:30", "closed: Monday counts as the day of receipt, 24/11 off"),
    ("2026-11-20 18:21:17.6", True, "2026-11-25 17:30", "in the evening, and not on a whole minute"),
    ("2026-11-21 10:00:00.25", True, "2026-11-25 17:30", "a Saturday"),
]


@pytest.mark.parametrize(("moment", "outside", "due", "why"), MOMENTS)
def test_four_ways_say_the_same(
    sqlite_register: Register,
    sqlite_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    moment: str,
    outside: bool,
    due: str,
    why: str,
) -> None:
    now, due_at = at(moment), at(due)
    form = Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    form = _typed(form)
    previewed = said(form)
    assert (OUTSIDE in previewed, due_words(due_at) in previewed) == (outside, True), why
    form.button(key="log.1.save").click().run()

    case = Screen(sqlite_register, sqlite_cast.agent, now + timedelta(seconds=1)).open(
        "complaint", monkeypatch, code=CODE
    )
    (sentence,) = [text for text in values(case.main.get("code")) if "Hạn phản hồi" in text]
    assert (OUTSIDE in sentence, f"{due_at:%H:%M}" in sentence, f"{due_at:%d/%m/%Y}" in sentence) == (
        outside,
        True,
        True,
    ), why

    told = _commanded(capsys, now)
    assert told["due_at"] == due_at.isoformat(), why
    *steps, _source = told["because"]
    assert all(step in sentence for step in steps), why
    assert all(step in previewed for step in steps), why

    exported = _exported(sqlite_register, now)
    assert exported["acknowledge_due_at"] == f"{due_at:%Y-%m-%d %H:%M:%S}", why
    assert exported["recorded_at"] == f"{now:%Y-%m-%d %H:%M:%S}", why
    assert exported["acknowledge_verdict"] == told["verdict"] == "running"


def _typed(form: Any) -> Any:  # noqa: ANN401 -- Streamlit's own test driver
    for kind, name, value in (("pills", "channel", "hotline"), ("pills", "category", "payment")):
        (field,) = [one for one in getattr(form, kind) if one.key == f"log.1.{name}"]
        form = field.set_value(value).run()
    return form.text_area(key="log.1.statement").set_value("Không vào được").run()


def _commanded(capsys: pytest.CaptureFixture[str], now: datetime) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    deadlines.add(parser.add_subparsers())
    capsys.readouterr()
    given = ["deadlines", "pops", "--recorded", now.isoformat(), "--now", now.isoformat(), "--json"]
    options = parser.parse_args(given)
    assert options.func(options) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert answer["recorded_at"] == now.replace(microsecond=0).isoformat()
    term: dict[str, Any] = answer["terms"][0]
    return term


def _exported(register: Register, now: datetime) -> dict[str, str]:
    query = {"period": "custom", "from": "2026-11-01", "to": "2026-11-30"}
    selection = rows.Selection(facts.current(register), Slice.from_query(query, local_day(now)), now)
    wanted = chosen(("recorded_at", "acknowledge_due_at", "acknowledge_verdict"), obligations=False)
    frames = rows.stretches(register, selection, wanted, whole=True)
    text = b"".join(papers_csv.write(frames, papers_csv.Words(wanted, "key"))).decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(text))
    return row


def test_the_case_says_to_the_second_when_it_was_logged(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = at("2026-11-20 10:00:00.5")
    form = _typed(Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch))
    form.button(key="log.1.save").click().run()
    with sqlite_register.read() as session:
        recorded = session.scalars(select(Complaint.recorded_at)).one()
    assert recorded == datetime(2026, 11, 20, 10, tzinfo=LOCAL)
    assert recorded.astimezone(LOCAL).date() == date(2026, 11, 20)
