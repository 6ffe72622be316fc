"""Known events on charts (D28): on those that they touch, where they happened, in words, table and text alternative."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from core.insight import charts, compliance, figures, known, volume
from core.insight.drawings import compliance as of_compliance
from core.insight.drawings import handling as of_handling
from core.insight.drawings import outcomes as of_outcomes
from core.insight.drawings import volume as of_volume
from core.insight.drawings.drawing import Drawing
from core.rules.known_events import KnownEvent
from tests.insight.given import CALENDAR, NOVEMBER, NOW, TODAY, WEEK_46, busy, crowd

OUTAGE = KnownEvent(1, "incident", "Cổng thanh toán", date(2026, 11, 10), date(2026, 11, 12), category="payment")
RELEASE = KnownEvent(2, "release", "Ứng dụng 5.2", date(2026, 11, 17), None, stage="resolve")
CAMPAIGN = KnownEvent(3, "campaign", "Khuyến mãi", date(2026, 11, 2), date(2026, 11, 2))
EVERY = [OUTAGE, RELEASE, CAMPAIGN]
CROWD, BUSY = crowd(), busy(15, 300, is_covered=True)

TOUCHES = [
    # narrowed to, of which category, of which promise, what it shows, why
    ((), None, "resolve", [1, 2, 3], "all categories, and its promise"),
    ((), None, "acknowledge", [1, 3], "another promise"),
    ((), None, None, [1, 3], "a chart of no promise"),
    (("login",), None, "resolve", [2, 3], "another category"),
    (("login", "payment"), None, None, [1, 3], "its category among others"),
    ((), "payment", None, [1, 3], "the small chart of its category"),
    ((), "login", None, [3], "that of another"),
]


@pytest.mark.parametrize(("keys", "category", "stage", "wanted", "why"), TOUCHES, ids=[row[-1] for row in TOUCHES])
def test_which_charts_an_event_touches(
    keys: tuple[str, ...], category: str | None, stage: str | None, wanted: list[int], why: str
) -> None:
    chosen = WEEK_46.only("category", *keys) if keys else WEEK_46
    assert [one.id for one in known.on_chart(EVERY, chosen, category=category, stage=stage)] == wanted, why


MONDAYS, END = [date(2026, 11, day) for day in (2, 9, 16, 23)], date(2026, 11, 29)
PLACES = [
    # first and last day, where on the axis, why
    (date(2026, 11, 9), date(2026, 11, 15), (0.5, 1.5), "a whole week"),
    (date(2026, 11, 10), date(2026, 11, 10), (0.5 + 1 / 7, 0.5 + 2 / 7), "a Tuesday"),
    (date(2026, 10, 1), date(2026, 11, 2), (-0.5, -0.5 + 1 / 7), "what began before"),
    (date(2026, 11, 29), None, (3.5 - 1 / 7, 3.5), "what goes on"),
    (date(2026, 10, 1), date(2026, 11, 1), None, "over before the first week"),
    (date(2026, 11, 30), None, None, "after the last"),
]


@pytest.mark.parametrize(("first", "last", "place", "why"), PLACES, ids=[row[-1] for row in PLACES])
def test_where_an_event_stands(first: date, last: date | None, place: tuple[float, float] | None, why: str) -> None:
    found = known.marks([KnownEvent(1, "other", "Bão", first, last)], MONDAYS, END)
    assert [(one.start, one.end) for one in found] == ([pytest.approx(place)] if place else []), why


def test_in_words() -> None:
    assert [known.words(one) for one in EVERY] == [
        "Sự cố: Cổng thanh toán (10/11–12/11)",
        "Bản phát hành: Ứng dụng 5.2 (từ 17/11/2026)",
        "Chiến dịch: Khuyến mãi (02/11)",
    ]
    assert known.days(date(2025, 12, 30), date(2026, 1, 2)) == "30/12/2025–02/01/2026"


def test_the_control_chart_shows_bands_words_and_a_column() -> None:
    weeks = compliance.by_week(CROWD, NOVEMBER, NOW, "resolve", CALENDAR)
    drawing = of_compliance.weeks(weeks, NOVEMBER, "resolve", EVERY)
    heads = drawing.figure["data"][-1]
    assert heads["hovertext"] == [known.words(one) for one in EVERY]
    assert heads["x"] == pytest.approx([0.5 + 2.5 / 7, (1.5 + 1 / 7 + 3.5) / 2, -0.5 + 0.5 / 7])
    band = drawing.figure["layout"]["shapes"][0]
    assert (band["x0"], band["x1"]) == pytest.approx((0.5 + 1 / 7, 0.5 + 4 / 7))
    assert heads["marker"]["symbol"] == "triangle-down", "told by its shape"
    assert "customdata" not in heads, "it stands for no rows"
    assert drawing.headers[-1] == "Sự kiện đã biết"
    assert [row[-1] for row in drawing.rows] == [
        "Chiến dịch: Khuyến mãi (02/11)",
        "Sự cố: Cổng thanh toán (10/11–12/11)",
        "Bản phát hành: Ứng dụng 5.2 (từ 17/11/2026)",
        "Bản phát hành: Ứng dụng 5.2 (từ 17/11/2026)",
    ]
    assert drawing.alt.endswith(". Sự kiện đã biết: " + "; ".join(known.words(one) for one in EVERY))
    plain = of_compliance.weeks(weeks, NOVEMBER, "resolve")
    assert "shapes" not in plain.figure["layout"]
    assert "Sự kiện đã biết" not in plain.headers


def test_small_charts_show_what_touches_their_category() -> None:
    drawn = of_volume.weekly(volume.by_week_and_category(CROWD, NOVEMBER), NOVEMBER, {}, EVERY)
    bands = {key: len(drawing.figure["layout"].get("shapes", ())) for key, drawing in drawn.items()}
    assert bands == {key: 2 if key == "payment" else 1 for key in drawn}
    assert drawn["payment"].rows[1][-1] == "Sự cố: Cổng thanh toán (10/11–12/11)"
    assert drawn["payment"].headers == ("Tuần", "Hồ sơ", "Sự kiện đã biết")


def _asked(name: str) -> pd.DataFrame:
    return figures.ask(name, BUSY, NOVEMBER, NOW, ("week",))


HOURS = of_handling.durations(_asked("resolve_hours"), NOVEMBER, "resolve", 5.0, "before", EVERY)
OF_TIME = [
    # chart, the events on it: every chart whose axis is time shows what touches it
    ("durations", HOURS, EVERY),
    ("flow", of_handling.flow(_asked("flow"), NOVEMBER, TODAY, EVERY), [OUTAGE, CAMPAIGN]),
    ("decided", of_outcomes.decided(_asked("upheld"), NOVEMBER, EVERY), [OUTAGE, CAMPAIGN]),
]


@pytest.mark.parametrize(("drawing", "shown"), [row[1:] for row in OF_TIME], ids=[row[0] for row in OF_TIME])
def test_every_chart_over_time_shows_what_touches_it(drawing: Drawing, shown: list[KnownEvent]) -> None:
    heads = drawing.figure["data"][-1]
    assert heads["hovertext"] == [known.words(one) for one in shown]
    assert len(drawing.figure["layout"]["shapes"]) == len(shown)
    assert drawing.figure["layout"]["yaxis"]["domain"][1] < charts.HEAD_ROOM, "the lines end beneath the triangles"
    assert drawing.headers[-1] == "Sự kiện đã biết"
    assert drawing.rows[1][-1] == known.words(OUTAGE)
    assert known.words(CAMPAIGN) in drawing.alt


def test_a_figure_of_nothing_known_is_as_it_was() -> None:
    drawing = of_handling.flow(_asked("flow"), NOVEMBER, TODAY)
    assert "shapes" not in drawing.figure["layout"]
    assert "Sự kiện đã biết" not in drawing.headers


def test_no_title_is_read_as_a_tag() -> None:
    named = KnownEvent(1, "other", "<a href='x'>Bão</a>", date(2026, 11, 10), None)
    drawing = of_compliance.weeks(
        compliance.by_week(CROWD, NOVEMBER, NOW, "resolve", CALENDAR), NOVEMBER, "resolve", [named]
    )
    assert "<a" not in drawing.figure["data"][-1]["hovertext"][0]
