"""What is drawn is what was counted, valid for Plotly, and every number of it opens its rows (D15)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import plotly.graph_objects as go
import pytest

from core import i18n
from core.insight import backlog, causes, charts, compliance, departments, figures, rows, volume, weekly
from core.insight.dimensions import name_of
from core.insight.drawings import causes as of_causes
from core.insight.drawings import compliance as of_compliance
from core.insight.drawings import handling as of_handling
from core.insight.drawings import outcomes as of_outcomes
from core.insight.drawings import volume as of_volume
from core.insight.drawings import weekly as of_weekly
from core.insight.drawings.drawing import Counted, Drawing, largest, peaked, query_of
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.rules.targets import Target
from core.settings import ROOT
from tests.insight.given import (
    CALENDAR,
    LONG_SINCE,
    NOVEMBER,
    NOW,
    TODAY,
    WEEK_46,
    Case,
    Clock,
    beside,
    busy,
    register,
    weeks_before,
)
from tests.naughty import TEXTS


def drawings(facts: Facts, filter: Filter) -> dict[str, Drawing]:
    """Every drawing there is, by name."""
    against, closed = beside(facts, filter), beside(facts, filter, "closed")
    found = {
        "categories": of_volume.categories(volume.by_category(facts, against), against),
        "choices": of_volume.choices(volume.by(facts, against, "kind"), against, "kind"),
        "channels": of_volume.channels(volume.by_channel_and_category(facts, filter), filter),
        "hours": of_volume.hours(volume.by_weekday_and_hour(facts, filter), filter),
        "departments": of_compliance.of_departments(departments.kept(facts, filter, NOW), filter),
        "ageing": of_compliance.ageing(backlog.ageing(facts, filter, NOW), filter),
        "pareto": of_causes.pareto(causes.pareto(facts, filter), filter),
        "risen": of_causes.risen(causes.risen(facts, closed), closed),
        "cause_categories": of_causes.categories(causes.by_category(facts, filter), filter),
    }
    for stage in ("acknowledge", "resolve"):
        why = compliance.breach_reasons(facts, filter, NOW, stage)
        found[f"reasons {stage}"] = of_compliance.reasons(why, filter, stage)
        found[f"weeks {stage}"] = of_compliance.weeks(
            compliance.by_week(facts, filter, NOW, stage, CALENDAR), filter, stage
        )
        for dimension in ("category", "department"):
            split = compliance.by(facts, filter, NOW, dimension, stage)
            found[f"{stage} by {dimension}"] = of_compliance.by(split, filter, stage, dimension)
    reviewed = weekly.of(facts, WEEK_46.start, CALENDAR, NOW)
    found["review categories"] = of_weekly.keys(reviewed["categories"], WEEK_46, "category", "")
    found["review causes"] = of_weekly.keys(reviewed["causes"], WEEK_46, "root_cause", "")
    found["review departments"] = of_weekly.departments(reviewed["departments"], WEEK_46)
    found["review promise"] = of_weekly.promise(reviewed["promises"][0])
    found |= _of_figures(facts, filter)
    weeks = volume.weeks_of_most(facts, against)
    found |= of_volume.weekly(volume.by_week_and_category(facts, filter), filter, weeks)
    return found | of_causes.months(causes.by_month(facts, filter), filter, causes.months_of_most(facts, closed))


def _of_figures(facts: Facts, filter: Filter) -> dict[str, Drawing]:
    """The drawings of what the registry of figures answers."""

    def ask(name: str, *by: str) -> pd.DataFrame:
        return figures.ask(name, facts, filter, NOW, by)

    hours, bucket = ask("resolve_hours", of_handling.bucket(filter)), of_handling.bucket(filter)
    found = {
        "durations": of_handling.durations(hours, filter, "resolve", 5.0, "the period before"),
        "flow": of_handling.flow(ask("flow", bucket), filter, TODAY),
        "people": of_handling.people(ask("workload", "person"), filter, {"3": "Lan"}),
        "walked": of_handling.walked(ask("walked", "event"), ask("walked_back"), filter),
        "spent by department": of_handling.spent(ask("department_hours", "department"), filter, "department", {}),
        "decided": of_outcomes.decided(ask("upheld", bucket), filter),
        "outcomes": of_outcomes.outcomes(ask("outcomes", "outcome"), filter),
        "amounts": of_outcomes.amounts(ask("amounts", "field"), filter),
    }
    for by in ("waits_for", "phase", "person"):
        found[f"spent by {by}"] = of_handling.spent(ask("time_spent", by), filter, by, {"4": "Hùng"})
    for by in ("category", "outcome", "root_cause"):
        found[f"issues by {by}"] = of_outcomes.issues(ask("issues", by), filter, by)
    for name in of_outcomes.MEASURES:
        found[f"{name} split"] = of_outcomes.split(ask(name, "category"), filter, name, "category")
    return found


LEAST_NAMED = 9  # texts of the figures that say a name
CROWD = busy(15, 300, is_covered=True)
DRAWN = drawings(CROWD, NOVEMBER)


@pytest.mark.parametrize("name", DRAWN)
def test_every_number_of_the_table_opens_as_many_rows(name: str) -> None:
    drawing = DRAWN[name]
    cells = [cell for row in drawing.rows for cell in row if isinstance(cell, Counted)]
    assert cells
    assert all(len(row) == len(drawing.headers) for row in drawing.rows)
    for cell in cells:
        told = Slice.from_query(dict(parse_qsl(query_of(cell.slice))), TODAY)
        assert rows.count(CROWD, told, NOW) == cell.n


@pytest.mark.parametrize("name", [name for name, drawing in DRAWN.items() if drawing.figure])
def test_the_figure_is_valid_and_every_point_opens_what_it_shows(name: str) -> None:
    figure = DRAWN[name].figure
    go.Figure(figure)
    opened = 0
    for count, query in points(figure):
        opened += 1
        assert rows.count(CROWD, Slice.from_query(dict(parse_qsl(query)), TODAY), NOW) == count
    assert opened


PUBLIC = re.compile(r"^def ([a-z]\w*)\(.*\) -> (?:Drawing|dict\[str, Drawing\]):", re.MULTILINE)
OF_THEIR_OWN = sorted(Path(__file__).parent.glob("test_*_drawings.py"))
"""Drawings of questions with a register of their own."""
FOLDER = ROOT / "core" / "insight" / "drawings"
FILES = [file for file in sorted(FOLDER.glob("*.py")) if file.stem not in ("__init__", "drawing")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_drawing_is_checked_here_and_shown_somewhere(file: Path) -> None:
    drawn = PUBLIC.findall(file.read_text(encoding="utf-8"))
    here = "".join(inspect.getsource(one) for one in (drawings, _of_figures))
    here += "".join(one.read_text(encoding="utf-8") for one in OF_THEIR_OWN)
    shown = "".join(
        text
        for folder in ("pages", "core/ui")
        for page in (ROOT / folder).rglob("*.py")
        if f"drawings import {file.stem}" in (text := page.read_text(encoding="utf-8"))
    )
    assert drawn
    assert [name for name in drawn if f"{file.stem}.{name}(" not in here] == [], "add it to ``drawings``"
    assert [name for name in drawn if f"drawings.{name}(" not in shown] == [], "no page shows it"


def points(figure: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """(count shown, query) of each point that can be clicked; the line of shares shows what fell due beneath it."""
    for trace in figure["data"]:
        if "customdata" not in trace:
            continue
        if trace["type"] == "bar":
            shown = trace["x"] if trace.get("orientation") == "h" else trace["y"]
            yield from zip(
                trace.get("meta", shown),  # rows, where a bar is as long as something else
                trace["customdata"],
                strict=True,
            )
        elif "lines" not in trace["mode"]:
            shown = trace.get("meta") or trace["marker"]["size"]
            yield from ((n, query) for n, query in zip(shown, trace["customdata"], strict=True) if n or query)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_empty_register_draws_nothing_and_raises_nothing(language: str) -> None:
    i18n.use(language)
    for name, drawing in drawings(register([]), WEEK_46).items():
        assert drawing.is_empty, name


def test_the_control_chart_breaks_where_nothing_fell_due_and_marks_signal_and_running_week_by_shape() -> None:
    kept, late = Clock("2026-11-04 17:30", "2026-11-04 09:00"), Clock("2026-11-04 17:30", "2026-11-05 09:00")
    facts = register(
        [
            *weeks_before(30, 30),
            *[Case(late)] * 9,
            Case(kept),
            Case(Clock("2026-11-17 17:30")),
            Case(Clock("2026-11-20 17:30")),
        ]
    )
    weeks = compliance.by_week(facts, NOVEMBER, NOW, "resolve", CALENDAR)
    target, line, due, running = of_compliance.weeks(weeks, NOVEMBER, "resolve").figure["data"][2:]
    assert (target["name"], target["y"]) == ("Chỉ tiêu 95\xa0%", [95.0] * 6), "to both edges"
    assert line["y"] == [10.0, None, 0.0, None]
    assert line["marker"]["symbol"] == ["diamond", "circle", "circle-open", "circle-open"]
    assert (due["y"], running["y"]) == ([10, 0, 1, 0], [0, 0, 1, 0])
    assert running["marker"]["pattern"]["shape"] == "/"


def test_small_charts_share_one_scale() -> None:
    weekly = of_volume.weekly(volume.by_week_and_category(CROWD, NOVEMBER), NOVEMBER, {})
    assert len(weekly) == 3
    assert len({tuple(drawing.figure["layout"]["yaxis"]["range"]) for drawing in weekly.values()}) == 1


def test_words_and_numbers_follow_the_reader() -> None:
    old = [Case(recorded=f"2026-11-0{day} 10:00", category="payment") for day in (1, *[2] * 1000)]
    facts = register([LONG_SINCE, *old, *[Case(recorded="2026-11-10 10:00")] * 1234])
    against = beside(facts, WEEK_46)
    figure = of_volume.categories(volume.by_category(facts, against), against).figure
    assert figure["data"][2]["text"] == [" 1.234 · 100\xa0% · +23\xa0%"]
    i18n.use("en")
    figure = of_volume.categories(volume.by_category(facts, against), against).figure
    assert figure["data"][2]["text"] == [" 1,234 · 100\xa0% · +23\xa0%"]
    assert figure["layout"]["separators"] == ".,"


def counted_cause(now: int, before: int) -> list[Case]:
    days = ["2026-11-10"] * now + ["2026-11-03"] * before
    return [Case(closed_at=f"{day} 16:00", root_cause="app_release", recorded="2026-10-28 09:00") for day in days]


READINGS = [
    # this week, the week before, reading, change, why
    (60, 30, "tăng thật", "+100\xa0% (+27\xa0% … +221\xa0%)", "enough for a percentage"),
    (30, 28, "bình thường", "+7\xa0% (-38\xa0% … +86\xa0%)", "not “100\xa0%”: how far it may have changed"),
    (9, 6, "bình thường", "-52\xa0% … +412\xa0%", "of so few the interval alone"),
    (4, 1, "bình thường", "-60\xa0% … trên +900\xa0%", "no +19.599\xa0%"),
    (9, 0, "tăng thật", "mới, ít nhất +97\xa0%", "there was none before"),
    (2, 0, "bình thường", "mới", "two"),
    (5, 21, "giảm", "-93\xa0% … -35\xa0%", "the interval says so"),
]


@pytest.mark.usefixtures("each_by_itself")
@pytest.mark.parametrize(("now", "before", "reading", "change", "why"), READINGS, ids=[row[-1] for row in READINGS])
def test_a_cause_is_read_with_the_interval_of_its_change(
    now: int, before: int, reading: str, change: str, why: str
) -> None:
    against = beside(facts := register([LONG_SINCE, *counted_cause(now, before)]), WEEK_46, "closed")
    (row,) = of_causes.risen(causes.risen(facts, against), against).rows
    assert [str(cell) for cell in row[3:]] == [reading, change], why


def test_a_percentage_of_few_is_marked() -> None:
    facts = register([LONG_SINCE, Case(), *[Case(recorded="2026-11-10 10:00")] * 3])
    against = beside(facts, WEEK_46)
    drawing = of_volume.categories(volume.by_category(facts, against), against)
    assert [row[2] for row in drawing.rows] == ["100\xa0% (dưới 20)"]
    assert [row[4] for row in drawing.rows] == ["+200\xa0% (dưới 20)"]
    assert drawing.figure["data"][-1]["text"] == [" 3 · trước 1"], "on the bar how many alone"
    late = [Case(Clock("2026-11-10 17:30", "2026-11-11 09:00", reason=one)) for one in ("overload", "overload", None)]
    why = compliance.breach_reasons(register(late), WEEK_46, NOW, "resolve")
    assert [row[2] for row in of_compliance.reasons(why, WEEK_46, "resolve").rows] == [
        "67\xa0% (dưới 20)",
        "100\xa0% (dưới 20)",
    ]
    closed = [Case(closed_at="2026-11-10 10:00", root_cause="unknown")]
    pareto = of_causes.pareto(causes.pareto(register(closed), WEEK_46), WEEK_46)
    assert pareto.rows[0][2:] == ("100\xa0% (dưới 20)", "100\xa0% (dưới 20)")
    assert [charts.marked("5\xa0%", n) for n in (19, 20)] == ["5\xa0% (dưới 20)", "5\xa0%"]


LARGEST = [
    # parts, of how many, what a title says of them, why
    ([("A", 60), ("B", 30), ("C", 10)], 100, "A 60\xa0% của 100", "ahead of the next beyond chance"),
    ([("B", 37), ("A", 36), ("C", 10)], 100, "B, A 73\xa0% của 100", "which of the two is ahead is chance"),
    ([("A", 34), ("B", 33), ("C", 33)], 100, "", "none is ahead"),
    ([("A", 15), ("B", 4)], 19, "", "too few to announce anything"),
    ([("A", 50)], 50, "", "one part alone is no finding"),
    ([], 50, "", "nothing"),
    ([("C", 2), ("A", 40)], 90, "A 44\xa0% của 90", "of the whole, with what has no name"),
]


@pytest.mark.parametrize(("parts", "whole", "words", "why"), LARGEST)
def test_a_title_names_what_is_largest_beyond_chance(
    parts: list[tuple[str, int]], whole: int, words: str, why: str
) -> None:
    assert largest(parts, whole) == words, why


FOUND = [
    # drawing, what its title says of the crowd
    ("decided", r"^\d+\xa0% của \d+$"),
    ("flow", r"^cuối kỳ \d+ hồ sơ mở, nhiều nhất trong kỳ$"),
    ("ageing", r"^\d+ hồ sơ từ 7 ngày trở lên$"),
]


@pytest.mark.parametrize(("name", "words"), FOUND)
def test_a_drawing_says_what_it_shows(name: str, words: str) -> None:
    assert re.search(words, DRAWN[name].finding), DRAWN[name].finding
    assert DRAWN[name].described == f"{DRAWN[name].alt}: {DRAWN[name].finding}"


UNUSUAL = [
    # of 100 due in a week of which 90 are usual, what a title says, why
    (90, "tuần 46 chưa đạt chỉ tiêu 95\xa0% (90\xa0% của 100), như thường lệ", "as the weeks before"),
    (50, "tuần 46 chưa đạt chỉ tiêu 95\xa0% (50\xa0% của 100), tuần 46 thấp hơn giới hạn dưới", "which week, and how"),
]


@pytest.mark.parametrize(("met", "words", "why"), UNUSUAL)
def test_a_control_chart_names_the_weeks_that_chance_does_not_explain(met: int, words: str, why: str) -> None:
    late = [Case(Clock("2026-11-10 17:30", f"2026-11-{10 if i < met else 11} 09:00")) for i in range(100)]
    facts = register([*weeks_before(100, 90, weeks=30), *late])
    weeks = compliance.by_week(facts, WEEK_46, NOW, "resolve", CALENDAR)
    assert of_compliance.weeks(weeks, WEEK_46, "resolve").finding == words, why


def test_that_nothing_is_unusual_is_said_of_twenty_at_least() -> None:
    for due, words in ((19, ""), (20, "đạt chỉ tiêu 95\xa0% (100\xa0% của 20), như thường lệ")):
        week = [Case(Clock("2026-11-10 17:30", "2026-11-10 09:00"))] * due
        facts = register([*weeks_before(100, 90, weeks=30), *week])
        weeks = compliance.by_week(facts, WEEK_46, NOW, "resolve", CALENDAR)
        found = of_compliance.weeks(weeks, WEEK_46, "resolve").finding
        assert found.removeprefix("tuần 46 ") == words


def test_a_chart_of_weeks_says_first_in_how_many_the_target_was_met() -> None:
    """Of the ended weeks with at least 20 due (D16): 45 and 46, not 47, which still runs, and not 44 with nine."""
    day_of = {44: "2026-10-28", 45: "2026-11-04", 46: "2026-11-11", 47: "2026-11-17"}
    due = {44: 9, 45: 20, 46: 20, 47: 30}
    late = {44: 9, 45: 1, 46: 2, 47: 0}
    facts = register(
        [
            Case(Clock(f"{day} 17:30", f"{day} {18 if i < late[week] else 10}:00"))
            for week, day in day_of.items()
            for i in range(due[week])
        ]
    )
    period = Filter(date(2026, 10, 26), date(2026, 11, 22))
    weeks = compliance.by_week(facts, period, NOW, "resolve", CALENDAR)
    assert of_compliance.weeks(weeks, period, "resolve").finding == "đạt chỉ tiêu 1 trên 2 tuần"


OF_KEYS = [
    # count, before, whether that is beyond chance, what the title of the week says, why
    (45, 22, True, "{payment} tăng thật (45, trước 22)", "it changed beyond chance"),
    (10, 31, True, "{payment} giảm thật (10, trước 31)", "so it did the other way"),
    (45, 44, False, "{payment} 90\xa0% của 50", "nothing changed: what is largest"),
    (19, 3, True, "", "of fewer than 20 nothing, however far apart"),
    (45, None, False, "{payment} 90\xa0% của 50", "nothing before to compare with"),
]


@pytest.mark.parametrize(("count", "before", "stands_out", "words", "why"), OF_KEYS, ids=[row[-1] for row in OF_KEYS])
def test_the_week_says_what_changed_beyond_chance_else_what_is_largest(
    count: int, before: int | None, stands_out: bool, words: str, why: str
) -> None:
    key = weekly.Key(key="payment", count=count, before=before, ratio=None, stands_out=stands_out)
    other = weekly.Key(key="login", count=0 if count < 20 else 5, before=None, ratio=None, stands_out=False)
    told = words.format(payment=name_of("category", "payment"))
    assert of_weekly.keys([key, other], WEEK_46, "category", "").finding == told, why


OWED = [
    # department → answers owed and in time, what the title says, why
    ({"payment": (60, 36), "legal": (40, 38)}, "đúng hạn 74\xa0% của 100; trễ: {payment} 92\xa0% của 26", "whose"),
    ({"payment": (30, 25), "legal": (30, 26)}, "đúng hạn 85\xa0% của 60", "of nine late ones nobody is named"),
    ({"payment": (19, 3)}, "", "too few"),
]


@pytest.mark.parametrize(("owed", "words", "why"), OWED, ids=[row[-1] for row in OWED])
def test_the_week_says_how_many_answers_came_in_time(owed: dict[str, tuple[int, int]], words: str, why: str) -> None:
    found = [weekly.Department(key=key, due=due, met=met) for key, (due, met) in owed.items()]
    assert of_weekly.departments(found, WEEK_46).finding == words.format(payment=name_of("department", "payment")), why


def test_the_week_says_that_nothing_changed_where_nothing_is_ahead_either() -> None:
    keys = [weekly.Key(key=key, count=12, before=11, ratio=0.09, stands_out=False) for key in ("payment", "login")]
    assert of_weekly.keys(keys, WEEK_46, "category", "").finding == "24 hồ sơ, không nhóm nào tăng hay giảm thật"
    assert of_weekly.keys(keys, WEEK_46, "root_cause", "").finding == "24 hồ sơ, không nguyên nhân nào tăng thật"
    keys[0]["stands_out"] = True
    assert of_weekly.keys(keys, WEEK_46, "category", "").finding == "", "one did, though of too few to tell"


def test_small_charts_say_how_many_and_where_there_were_unusually_many() -> None:
    days = [date(2026, 10, 19) + timedelta(days=n) for n in range(26)]
    usual = [Case(recorded=f"{day} 10:00", category="payment") for day in days if day.weekday() < 5 for _n in range(2)]
    many = [Case(recorded="2026-11-10 10:00", category="login") for _n in range(90)]
    spread = [Case(recorded=f"{day} 10:00", category="login") for day in days if day.weekday() < 5]
    facts = register([*usual, *many, *spread, Case(recorded="2026-11-10 10:00", category="other")])
    period = Filter(date(2026, 10, 19), date(2026, 11, 15))
    found = of_volume.weekly(
        volume.by_week_and_category(facts, period), period, volume.weeks_of_most(facts, beside(facts, period))
    )
    assert {key: drawing.finding for key, drawing in found.items()} == {
        "login": "110 hồ sơ, tuần 46 tăng vọt (95)",
        "payment": "40 hồ sơ, không tuần nào tăng vọt",
        "other": "",
    }
    i18n.use("en")
    assert (
        peaked("login", 30, {"login": None}, (str, "no week unusually many")) == "30 complaints, no week unusually many"
    )
    assert peaked("login", 30, {}, (str, "no week unusually many")) == "30 complaints", "not judged"
    assert peaked("login", 19, {"login": None}, (str, "no week unusually many")) == ""


MEDIANS = [
    # hours that each of 20 took in weeks 44, 45, 46, what the title says, why
    ((2, 3, 4), "một nửa xong trong 2,0 giờ đến 4,0 giờ", "between which they lie"),
    ((3, 3, 3), "một nửa xong trong 3,0 giờ", "the same every week"),
    ((3, 3), "", "of two weeks it is no range"),
]


@pytest.mark.parametrize(("hours", "words", "why"), MEDIANS, ids=[row[-1] for row in MEDIANS])
def test_a_chart_of_hours_says_between_which_the_medians_lie(hours: tuple[int, ...], words: str, why: str) -> None:
    days = ["2026-10-28", "2026-11-04", "2026-11-11"]
    cases = [
        Case(Clock(f"{day} 17:30", f"{day} 10:00", hours=n))
        for day, n in zip(days, hours, strict=False)
        for _i in range(20)
    ]
    period = Filter(date(2026, 10, 26), date(2026, 11, 15))
    found = figures.ask("resolve_hours", register(cases), period, NOW, ("week",))
    assert of_handling.durations(found, period, "resolve", 3.0, "").finding == words, why


HOURS = [
    # who is waited for → complaints, hours, median, 90 % within; what the title says, why
    ({"us": (200, 900, 4, 9), "customer": (100, 200, 2, 4)}, "CSKH 82\xa0% của 1.100 giờ", "far ahead"),
    ({"us": (60, 300, 4, 20), "customer": (55, 280, 4, 20)}, "", "which of the two is ahead is chance"),
    ({"us": (19, 900, 40, 90), "customer": (90, 10, 0.1, 0.2)}, "", "of fewer than 20"),
    ({"us": (20, 900, 1, 200), "customer": (90, 300, 3, 5)}, "", "a few that took for ever"),
    ({"us": (200, 900, 4, 9)}, "", "one part alone is no finding"),
    (
        {"us": (200, 900, 4, 9), "department": (200, 880, 4, 9), "customer": (100, 100, 1, 2)},
        "CSKH, phòng ban 95\xa0% của 1.880 giờ",
        "the two are ahead",
    ),
]


@pytest.mark.parametrize(("waits", "words", "why"), HOURS, ids=[row[-1] for row in HOURS])
def test_a_title_names_where_most_hours_went_beyond_chance(
    waits: dict[str, tuple[float, ...]], words: str, why: str
) -> None:
    rows = [(key, *numbers) for key, numbers in waits.items()]
    found = pd.DataFrame(rows, columns=["waits_for", "count", "hours", "median", "p90"])
    assert of_handling.spent(found, NOVEMBER, "waits_for", {}).finding == words, why


OPEN = [
    # open at the end of each week, what the title says, why
    ([30, 41, 25], "cuối kỳ 25 hồ sơ mở, nhiều nhất 41", "fewer than at most"),
    ([30, 25, 41], "cuối kỳ 41 hồ sơ mở, nhiều nhất trong kỳ", "as many as ever in the period"),
    ([30, 30, 30], "cuối kỳ 30 hồ sơ mở", "as many all the time"),
    ([3, 19, 2], "", "never twenty"),
]


@pytest.mark.parametrize(("counts", "words", "why"), OPEN, ids=[row[-1] for row in OPEN])
def test_the_flow_says_what_is_open_at_the_end(counts: list[int], words: str, why: str) -> None:
    weeks = pd.to_datetime(["2026-10-26", "2026-11-02", "2026-11-09"])
    found = pd.DataFrame({"week": weeks, "recorded": 1, "ended": 1, "open": counts})
    assert of_handling.flow(found, Filter(date(2026, 10, 26), date(2026, 11, 15)), TODAY).finding == words, why


def test_of_few_no_drawing_announces_anything() -> None:
    few = register([LONG_SINCE, *[Case(recorded="2026-11-10 10:00", category="payment") for _ in range(18)]])
    told = {name: one.finding for name, one in drawings(few, WEEK_46).items() if one.finding}
    assert not told


def test_the_target_of_one_week_alone_is_a_line() -> None:
    facts = register([*weeks_before(30, 30), Case(Clock("2026-11-10 17:30", "2026-11-10 09:00"))])
    weeks = compliance.by_week(facts, WEEK_46, NOW, "resolve", CALENDAR)
    _band, usual, target, *_rest = of_compliance.weeks(weeks, WEEK_46, "resolve").figure["data"]
    for line in (usual, target):
        assert (line["x"], len({*line["y"]})) == ([-0.5, 0, 0.5], 1)


LATE = [
    (46, 285, " 46/285 · đúng 84\xa0%", "enough: of how many, and the share that the target is about"),
    (0, 20, " 0/20 · đúng 100\xa0%", "just enough"),
    (1, 9, " 1/9", "of so few no percentage (D27)"),
]


@pytest.mark.parametrize(("late", "due", "label", "why"), LATE)
def test_a_bar_of_misses_says_of_how_many(late: int, due: int, label: str, why: str) -> None:
    clocks = [Clock("2026-11-10 17:30", f"2026-11-{11 if i < late else 10} 09:00") for i in range(due)]
    facts = register([Case(clock, category="payment") for clock in clocks])
    found = compliance.by(facts, WEEK_46, NOW, "category", "resolve")
    assert of_compliance.by(found, WEEK_46, "resolve", "category").figure["data"][-1]["text"] == [label], why


BESIDE = [
    ((19, 14, 0.36), " 19 · trước 14", "of fewer than 20 no percentage"),
    ((13, 22, -0.41), " 13 · trước 22 · -41\xa0%", "both numbers, whatever stands beside them"),
    ((5, 0, None), " 5 · trước 0", "there was none, which is known"),
    ((4, 12, None), " 4 · trước 12", "a cause that nobody stated has no test, and still a number before"),
    ((4, None, None), " 4", "the register does not cover the week before"),
]


@pytest.mark.parametrize(("given", "label", "why"), BESIDE, ids=[row[-1] for row in BESIDE])
def test_a_bar_of_the_week_stands_beside_the_week_before(
    given: tuple[int, int | None, float | None], label: str, why: str
) -> None:
    count, before, ratio = given
    key = weekly.Key(key="payment", count=count, before=before, ratio=ratio, stands_out=False)
    other = weekly.Key(key="login", count=1, before=1, ratio=None, stands_out=False)
    drawing = of_weekly.keys([key, other], WEEK_46, "category", "", most=1)
    drawn = {trace.get("name"): trace for trace in drawing.figure["data"]}
    assert drawn[None]["text"] == [label], why
    assert "tuần này" in drawn
    assert len(drawing.rows) == 2, "the table has all of them"


def test_weeks_of_two_years_are_told_apart() -> None:
    period = Filter(date(2025, 12, 15), date(2026, 1, 18))
    weeks = compliance.by_week(register([Case(Clock("2026-01-06 17:30"))]), period, NOW, "resolve", CALENDAR)
    drawing = of_compliance.weeks(weeks, period, "resolve")
    ticks = drawing.figure["layout"]["xaxis"]["ticktext"]
    assert ticks == ["T51<br>2025", "T52", "T1<br>2026", "T2", "T3"], "29/12/2025 begins week 1 of 2026"
    assert drawing.rows[0][0] == "Tuần 51 (15/12–21/12/2025)"


TARGETS = (Target("resolve", date(2026, 11, 11), 0.9), Target("acknowledge", date(2026, 1, 1), 0.5))


def test_a_target_that_changed_is_a_step_and_judges_each_day_by_its_own() -> None:
    """Week 46: 10 due on Tuesday under 95 %, 30 on Thursday under 90 % make 91,25 %."""
    days = ["2026-11-10"] * 10 + ["2026-11-12"] * 30
    facts = register([Case(Clock(f"{day} 17:30", f"{day} 09:00")) for day in days], targets=TARGETS)
    weeks = compliance.by_week(facts, NOVEMBER, NOW, "resolve", CALENDAR)
    assert weeks["target"].to_list() == pytest.approx([0.95, 0.9125, 0.9, 0.9])
    assert compliance.whole(weeks)["target"] == pytest.approx(0.9125)
    assert compliance.of(facts, WEEK_46, NOW, "resolve")["target"] == pytest.approx(0.9125)
    target = next(
        t for t in of_compliance.weeks(weeks, NOVEMBER, "resolve").figure["data"] if t.get("name") == "Chỉ tiêu"
    )
    assert target["y"][1:-1] == [95.0, 91.25, 90.0, 90.0]
    assert rows.obligations(facts, Slice(WEEK_46, "due"), NOW)["target"].to_list() == [0.9] * 30 + [0.95] * 10


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_letters_in_every_drawing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (of_causes, of_compliance, of_handling, of_outcomes, of_volume):
        monkeypatch.setattr(module, "name_of", lambda _dimension, _key: text)
    shown = [word for drawing in drawings(CROWD, NOVEMBER).values() for word in words(drawing.figure)]
    first = charts.letters(text.split()[0]).strip("\u2068\u2069")
    assert sum(first in word for word in shown) > LEAST_NAMED
    for word in shown:
        assert not re.search(r"[<>\x00-\x08\x0e-\x1f\u202a-\u202e\u200b]", word.replace("<br>", "")), word
        assert not re.search(r"&(?!amp;|lt;|gt;)", word), word


def words(drawn: object) -> Iterator[str]:
    """Every text of a figure that Plotly reads as its pseudo-HTML."""
    if isinstance(drawn, dict):
        for name, value in drawn.items():
            if name not in ("customdata", "hoverinfo", "texttemplate", "colorscale"):
                yield from words(value)
    elif isinstance(drawn, list | tuple):
        for value in drawn:
            yield from words(value)
    elif isinstance(drawn, str):
        yield drawn


COUNTED = [
    # most, ticks, why
    (0, [0], "nothing"),
    (1, [0, 1], "never 0,5"),
    (2, [0, 1, 2], "a few"),
    (3, [0, 1, 2, 3], "three"),
    (7, [0, 5], "steps of 1, 2, 5"),
    (24, [0, 10, 20], "tens"),
    (46, [0, 20, 40], "tens"),
    (100, [0, 50, 100], "fifties"),
    (1234, [0, 500, 1000], "hundreds"),
]


@pytest.mark.parametrize(("most", "ticks", "why"), COUNTED, ids=[str(row[0]) for row in COUNTED])
def test_an_axis_of_counts_has_whole_numbers(most: int, ticks: list[int], why: str) -> None:
    axis = charts.counted(most)
    last = axis["range"][1]
    shown = [n * axis["dtick"] for n in range(10) if n * axis["dtick"] <= max(last, most)]
    assert shown[: len(ticks)] == ticks, why
    assert all(isinstance(tick, int) for tick in shown)
    assert len(shown) <= 4
    assert last >= most


@pytest.mark.parametrize("name", [name for name, drawing in DRAWN.items() if drawing.figure])
def test_no_axis_of_counts_chooses_its_own_ticks(name: str) -> None:
    for axis, shape in DRAWN[name].figure["layout"].items():
        if axis.startswith("yaxis") and shape.get("visible", True) and "ticksuffix" not in shape:
            assert isinstance(shape.get("dtick"), int) or "tickvals" in shape or "autorange" in shape


def test_heads_of_a_heat_map_stand_upright_on_a_phone() -> None:
    name = "Thanh toán POPS Stars / Tắt quảng cáo bằng thẻ"
    assert charts.heads([name] * 6) == ["Thanh toán POPS<br>Stars / Tắt quảng …"] * 6
    assert charts.heads([name] * 7) == ["Thanh toán POPS …"] * 7
    assert charts.heads(["Khác"] * 7) == ["Khác"] * 7
    figure = DRAWN["cause_categories"].figure
    trace, marks = figure["data"]
    assert marks["meta"] == [count or 0 for line in trace["z"] for count in line], "what is clicked is what is drawn"
    assert trace["x"] == figure["layout"]["xaxis"]["tickvals"], "two columns of one name stay two"
    assert figure["layout"]["height"] >= 120 + 34 * len(trace["y"]), "room for the longest head above one row"


def test_a_marker_at_100_per_cent_is_drawn_whole() -> None:
    weeks = compliance.by_week(
        register([Case(Clock("2026-11-04 17:30", "2026-11-04 09:00"))]), NOVEMBER, NOW, "resolve", CALENDAR
    )
    figure = of_compliance.weeks(weeks, NOVEMBER, "resolve").figure
    assert figure["layout"]["yaxis"]["range"][1] == 100, "no share is more than all"
    assert figure["layout"]["margin"]["t"] >= 13 / 2, "half of the largest marker reaches over the edge"
    line = next(trace for trace in figure["data"] if trace.get("mode") == "lines+markers")
    assert line["cliponaxis"] is False
