"""The slides of a weekly review: their charts hold the numbers of the page, read back out of the file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import cast

import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn

from core.commands import sample
from core.i18n import use
from core.insight import facts
from core.insight.weekly import Department
from core.papers import review, review_words, slides
from core.papers.review import Incident, Overdue, Review
from core.papers.slides import Look
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.meetings import decisions, minutes
from core.rules.colours import Colours
from tests.conftest import Cast, people_of
from tests.engines import MONDAY, Sqlite

WEEK = date(2026, 11, 9)
PLAIN = Look(Colours("#0F766E", "#3B5BA9"))
MOST_SLIDES = 10


@pytest.fixture(scope="module")
def filled(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, Cast]]:
    """A filled register and its people; tests only read it."""
    folder = tmp_path_factory.mktemp("slides")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    sample.fill(register, 300, MONDAY, seed=3, force=True)
    yield register, people_of(register)
    register.engine.dispose()


@pytest.fixture
def found(filled: tuple[Register, Cast]) -> Review:
    register, people = filled
    use("vi")
    return review.read(register, facts.current(register), WEEK, MONDAY, people.manager)


def texts(content: bytes) -> str:
    shapes = [shape for slide in Presentation(io.BytesIO(content)).slides for shape in slide.shapes]
    framed = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
    tables = [shape.table for shape in shapes if shape.has_table]
    return "\n".join([*framed, *(cell.text for table in tables for row in table.rows for cell in row.cells)])


def charts(content: bytes) -> list[dict[str, list[float | None]]]:
    return [
        {series.name: list(series.values) for series in shape.chart.series}
        for slide in Presentation(io.BytesIO(content)).slides
        for shape in slide.shapes
        if shape.has_chart
    ]


def test_at_most_ten_slides_each_numbered_and_dated(found: Review) -> None:
    content = slides.pack(found, None, PLAIN)
    shown = list(Presentation(io.BytesIO(content)).slides)
    assert len(shown) <= MOST_SLIDES
    for i, slide in enumerate(shown, start=1):
        text = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert f"{i}/{len(shown)}" in text
        assert "số liệu lúc 09:00 16/11/2026" in text


def test_the_charts_hold_the_numbers_of_the_review(found: Review) -> None:
    drawn = charts(slides.pack(found, None, PLAIN))
    for promise, chart in zip(found["figures"]["promises"][:2], drawn, strict=False):
        shares = [one["met"] / one["due"] * 100 if one["due"] else None for one in promise["weeks"]]
        assert chart["Đúng hạn"] == [None if one is None else pytest.approx(one) for one in shares]
        assert chart["Chỉ tiêu"] == pytest.approx([one["target"] * 100 for one in promise["weeks"]])
    came = drawn[-2]
    assert came["Tuần này"][::-1] == [one["count"] for one in found["figures"]["categories"]][: slides.MOST_KEYS]


def test_the_table_says_each_number_as_the_page_does(found: Review) -> None:
    text = texts(slides.pack(found, None, PLAIN))
    for one in found["figures"]["numbers"]:
        assert review_words.name(one) in text
        assert review_words.value(one["week"], one["name"]) in text
    assert all(sentence in text for sentence in review_words.paragraph(found))


def test_what_was_decided_is_the_last_slide(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    act = Act(sqlite_cast.lead, now)
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, act)
        for text in ("Gọi cổng thanh toán", "=1+1 <b>đậm</b>"):
            decisions.decide(session, 1, text, sqlite_cast.agent.id, date(2026, 11, 20), act)
    found, meeting = review.of_week(sqlite_register, WEEK, now, sqlite_cast.lead)
    text = texts(slides.pack(found, meeting, PLAIN))
    assert "Gọi cổng thanh toán" in text
    assert "=1+1 <b>đậm</b>" in text, "as it was written"


def test_a_week_without_anything_has_slides_too(sqlite_register: Register, sqlite_cast: Cast, now: datetime) -> None:
    found, meeting = review.of_week(sqlite_register, WEEK, now, sqlite_cast.lead)
    assert "Không có hồ sơ nào quá hạn." in texts(slides.pack(found, meeting, PLAIN))


def overdue(count: int, due: str) -> list[Overdue]:
    one = Overdue(code="KN-2026-000001", category="payment", due=due, holder="Lan", department="")
    return [one] * min(count, review.MOST)


def test_what_stands_on_no_slide_is_said_to_be_more(found: Review) -> None:
    """Ten rows of fifteen, named so; as many decisions as have room, however long each is; all names of a chart."""
    many: Review = {**found, "overdue": overdue(15, "2026-11-12T10:30:00+00:00"), "overdue_all": 15}
    assert "Quá hạn (10 trên 15)" in texts(slides.pack(many, None, PLAIN))
    few: Review = {**found, "overdue": overdue(3, "2026-11-12T17:00:00+00:00"), "overdue_all": 3}
    said = texts(slides.pack(few, None, PLAIN))
    assert "Quá hạn (3)" in said
    assert "hết 12/11/2026" in said, "a term that ends at midnight ends with the day before"
    axes = [
        shape.chart.category_axis._element
        for slide in Presentation(io.BytesIO(slides.pack(found, None, PLAIN))).slides
        for shape in slide.shapes
        if shape.has_chart and shape.chart.chart_type == XL_CHART_TYPE.BAR_CLUSTERED
    ]
    assert axes
    for axis in axes:
        skip = axis.find(qn("c:tickLblSkip"))
        assert skip.get("val") == "1", "each category is named"
        assert skip.getnext().tag == qn("c:noMultiLvlLbl"), "in the order of the schema, or PowerPoint repairs the file"


def test_names_that_are_left_out_are_counted(found: Review) -> None:
    """People, incidents, departments and promises beyond those that a slide has room for."""
    owed = [(f"Người {n}", 5 - n) for n in range(5)]
    incident = Incident(code="SC-1", category="payment", opened="", ended=None, complaints=2, late=1)
    department = Department(key="payment", due=3, met=1)
    figures = {
        **found["figures"],
        "departments": [department] * 12,
        "promises": [*found["figures"]["promises"][:1]] * 3,
    }
    many = {**found, "owed_by": owed, "overdue_all": 15, "incidents": [incident] * 6, "figures": figures}
    said = texts(slides.pack(cast("Review", many), None, PLAIN))
    for sentence in (
        "Người 0 5, Người 1 4, Người 2 3 và 3 hồ sơ khác",
        "Và 3 sự cố khác.",
        "và 9 phòng ban khác",
        "và 5 phòng ban khác",
        "Còn 1 cam kết nữa trong biên bản.",
    ):
        assert sentence in said.replace("\u00a0", " "), sentence


SHAPES = [((400, 100), "wide"), ((100, 100), "square"), ((50, 400), "high")]


@pytest.mark.parametrize(("size", "why"), SHAPES, ids=[why for _size, why in SHAPES])
def test_slides_are_in_the_colours_of_the_organisation_with_its_logo(
    found: Review, size: tuple[int, int], why: str
) -> None:
    """The theme has them, so that what people add takes them too; charts of what was kept keep their own colours."""
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    look = Look(Colours("#3F3D8F", "#0E7490"), file.getvalue())
    deck = Presentation(io.BytesIO(slides.pack(found, None, look)))
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob.decode()
    assert re.search(r"<a:accent1>\s*<a:srgbClr val=\"3F3D8F\"/>", theme)
    assert re.search(r"<a:accent2>\s*<a:srgbClr val=\"0E7490\"/>", theme)
    for slide in deck.slides:
        (logo,) = [shape for shape in slide.shapes if shape.name == "Logo"]
        assert logo.width / logo.height == pytest.approx(size[0] / size[1], rel=0.01), why
        assert logo.top + logo.height <= slides.HIGH and logo.left + logo.width <= slides.WIDE
        assert [s.fill.fore_color.theme_color for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.AUTO_SHAPE] == [
            slides.ACCENT,
            slides.SECOND,
        ]
    drawn = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    kept = [chart for chart in drawn if chart.chart_type != XL_CHART_TYPE.BAR_CLUSTERED]
    assert kept and all(chart.series[0].format.line.color.rgb == slides.GREEN for chart in kept)
    counts = [chart for chart in drawn if chart.chart_type == XL_CHART_TYPE.BAR_CLUSTERED]
    assert counts and all(chart.series[-1].format.fill.fore_color.theme_color == slides.SECOND for chart in counts)


def test_long_decisions_that_have_no_room_stand_in_the_minutes(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    act = Act(sqlite_cast.lead, now)
    with sqlite_register.write() as session:
        minutes.begin(session, WEEK, act)
        for n in range(6):
            text = f"Việc {n} " + "đối soát " * 45
            decisions.decide(session, 1, text, sqlite_cast.agent.id, date(2026, 11, 20), act)
    said = texts(slides.pack(*review.of_week(sqlite_register, WEEK, now, sqlite_cast.lead), PLAIN))
    assert "Việc 1 " in said
    assert "Việc 2 " not in said
    assert "Còn 4 quyết định nữa trong biên bản." in said
