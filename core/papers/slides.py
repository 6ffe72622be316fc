"""The weekly review as slides: at most ten, with charts that PowerPoint and LibreOffice edit as their own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from math import ceil
from typing import NamedTuple, TypeAlias

from lxml import etree
from pptx import Presentation
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import ColorFormat, RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from core.i18n import gettext as _
from core.i18n import ngettext, number
from core.insight.control_chart import week_name
from core.insight.dimensions import name_of
from core.insight.weekly import Key, Promise
from core.papers import review_words as words
from core.papers.review import Review
from core.register.reads.meetings import Line, Whole
from core.rules.colours import Colours

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
WIDE, HIGH = Inches(13.333), Inches(7.5)
LEFT, TOP, ROOM = Inches(0.6), Inches(1.35), Inches(12.1)
GREEN, PALE, INK, GREY, RED = (RGBColor.from_string(one) for one in ("0F766E", "CBD5E1", "14202B", "64748B", "B42318"))
ACCENT, SECOND = MSO_THEME_COLOR.ACCENT_1, MSO_THEME_COLOR.ACCENT_2
"""The organisation's colours, as the theme of the file has them: what people add themselves takes them too."""
Color: TypeAlias = RGBColor | MSO_THEME_COLOR
FONT, PERCENT = "Calibri", '0"\u00a0%"'
MOST_BIG = 8
"""Names beneath a chart that have room in big letters."""
MOST_ROWS, MOST_KEYS, MOST_PROMISES = 10, 12, 2
LONG_TITLE, ON_A_LINE, IN_A_CELL = 48, 105, 50
"""Letters beyond which a title is written smaller; that stand on a line of a slide, and of a decision in its cell."""
MOST_LINES = 20
"""Lines of a table that stand on one slide."""
MOST_WITH_LINES = 12
"""Rows of the table of departments and lines beneath it that stand on one slide."""
MOST_BENEATH = 7
"""Lines in big letters that stand beneath the table of numbers."""
BAND, SHORT = Inches(0.12), Inches(1.6)
"""The band of the organisation's colours along the top of each slide, and how much of it is the second one's."""
LOGO_HIGH, LOGO_WIDE, INSET = Inches(0.4), Inches(1.6), Inches(0.1)
"""Room of the logo at the foot of a slide, larger on the first; how far letters stand within their box."""


class Look(NamedTuple):
    """What says whose slides they are (D45): its colours, and its logo, PNG or JPEG."""

    colours: Colours
    picture: bytes | None = None


def pack(review: Review, meeting: Whole | None, look: Look, restated: Sequence[str] = ()) -> bytes:
    """The file; without a meeting nothing was decided.

    ``restated``: what is said of the frozen numbers that are others today.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDE, HIGH
    deck.core_properties.title = words.title(review)
    deck.core_properties.author = review["organisation"]
    _colour(deck, look.colours)
    _first(deck, review, look.picture)
    _lines(deck, _("The week in brief"), words.paragraph(review))
    _numbers(deck, review, restated)
    for promise in review["figures"]["promises"][:MOST_PROMISES]:
        _promise(deck, promise, words.of_promise(review, promise["stage"]))
    _keys(deck, _("What came in"), "category", review["figures"]["categories"])
    _keys(deck, _("Root causes of what was closed"), "root_cause", review["figures"]["causes"])
    _overdue(deck, review)
    _departments(deck, review)
    _decisions(deck, (*meeting.decided, *meeting.carried) if meeting else ())
    _feet(deck, review)
    _dress(deck, look.picture)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _colour(deck: Deck, colours: Colours) -> None:
    """Make the organisation's colours those of the theme."""
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    tree = parse_xml(theme.blob)
    for name, colour in (("a:accent1", colours.accent), ("a:accent2", colours.second)):
        tree.find(f".//{qn(name)}").find(qn("a:srgbClr")).set("val", colour.lstrip("#"))
    theme._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _dress(deck: Deck, picture: bytes | None) -> None:
    """The band of every slide, and the logo at the foot of each but the first, which has a larger one."""
    for i, slide in enumerate(deck.slides):
        for left, width, color in ((0, WIDE - SHORT, ACCENT), (WIDE - SHORT, SHORT, SECOND)):
            band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, left, 0, width, BAND)
            band.fill.solid()
            band.fill.fore_color.theme_color = color
            band.line.fill.background()
            band._element.remove(band._element.find(qn("p:style")))  # a shadow
        if picture is not None and i:
            _logo(slide, picture, HIGH - Inches(0.58), LOGO_HIGH, LOGO_WIDE, at_right=True)


def _logo(slide: Slide, picture: bytes, top: int, high: int, wide: int, *, at_right: bool = False) -> None:
    """The picture in a room of that height and width, as large as both allow."""
    shape = slide.shapes.add_picture(io.BytesIO(picture), LEFT + INSET, top)
    scale = min(high / shape.height, wide / shape.width)
    shape.width, shape.height = Emu(int(shape.width * scale)), Emu(int(shape.height * scale))
    shape.name = "Logo"
    if at_right:
        shape.left = LEFT + ROOM - INSET - shape.width


def _slide(deck: Deck, title: str) -> Slide:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    shape = slide.shapes.title
    assert shape is not None
    shape.left, shape.top, shape.width, shape.height = LEFT, Inches(0.4), ROOM, Inches(0.8)
    _write(shape, [title], Pt(28 if len(title) <= LONG_TITLE else 22), bold=True)
    shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    return slide


def _write(shape: Shape, lines: Sequence[str], size: Pt, *, bold: bool = False, color: RGBColor = INK) -> None:
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    for i, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.text = line
        paragraph.space_after = Pt(8)
        for run in paragraph.runs:
            run.font.size, run.font.bold, run.font.name = size, bold, FONT
            run.font.color.rgb = color


def _box(slide: Slide, lines: Sequence[str], size: Pt, *, top: int = TOP, color: RGBColor = INK) -> Shape:
    box = slide.shapes.add_textbox(LEFT, top, ROOM, HIGH - top - Inches(0.8))
    _write(box, lines, size, color=color)
    return box


def _first(deck: Deck, review: Review, picture: bytes | None) -> None:
    slide = _slide(deck, words.title(review))
    told = [
        review["organisation"],
        words.week_words(review["figures"]),
        _("Figures as of {moment}").format(moment=words.as_of(review["figures"])),
    ]
    _box(slide, told, Pt(24), top=Inches(2.6), color=GREY)
    if picture is not None:
        _logo(slide, picture, Inches(5.4), Inches(0.9), Inches(4))


def _lines(deck: Deck, title: str, lines: Sequence[str]) -> None:
    broken = sum(ceil(len(line) / ON_A_LINE) for line in lines)
    _box(_slide(deck, title), lines, Pt(18 if broken <= MOST_ROWS else 14))


def _table(
    slide: Slide, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, top: int = TOP
) -> None:
    size = Pt(14)
    shape = slide.shapes.add_table(len(rows) + 1, len(head), LEFT, top, ROOM, Inches(0.4) * (len(rows) + 1))
    for i, width in enumerate(widths):
        shape.table.columns[i].width = Emu(int(ROOM * width / sum(widths)))
    for y, line in enumerate([head, *rows]):
        for x, text in enumerate(line):
            cell = shape.table.cell(y, x)
            cell.text = text
            for paragraph in cell.text_frame.paragraphs:
                for run in paragraph.runs:
                    run.font.size, run.font.name, run.font.bold = size, FONT, y == 0
            if y == 0:
                cell.fill.solid()
                cell.fill.fore_color.theme_color = ACCENT


def _numbers(deck: Deck, review: Review, restated: Sequence[str]) -> None:
    heads, rows = words.table(review)
    slide = _slide(deck, _("Against target and other weeks"))
    _table(slide, heads, rows, (4, 1.5, 2, 1.4, 1.6, 2, 2.2))
    told, left = [], len(review["figures"]["promises"]) - MOST_PROMISES
    if left > 0:
        more = ngettext("{n} more promise stands in the minutes.", "{n} more promises stand in the minutes.", left)
        told.append(more.format(n=number(left)))
    if restated:
        told += [_("Restated since"), *restated]
    broken = sum(ceil(len(line) / ON_A_LINE) for line in told)
    if told:
        size = Pt(14 if broken <= MOST_BENEATH else 11)
        box = _box(slide, told, size, top=TOP + Inches(0.42) * len(rows) + Inches(0.6))
        if restated:
            box.text_frame.paragraphs[-len(restated) - 1].runs[0].font.bold = True


def _promise(deck: Deck, promise: Promise, finding: str) -> None:
    """Shares in per cent, one point a week; a week in which nothing fell due has none."""
    slide = _slide(deck, finding)
    data = CategoryChartData(number_format='0.0"\u00a0%"')
    weeks = promise["weeks"]
    data.categories = [week_name(date.fromisoformat(one["week"]), False) for one in weeks]
    data.add_series(_("Met"), [one["met"] / one["due"] * 100 if one["due"] else None for one in weeks])
    data.add_series(_("Target"), [one["target"] * 100 for one in weeks])
    data.add_series(_("Usual"), [None if one["centre"] is None else one["centre"] * 100 for one in weeks])
    chart = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, LEFT, TOP, ROOM, HIGH - TOP - Inches(0.9), data).chart
    _look(chart, (GREEN, RED, GREY))
    for level in list(chart.series)[1:]:
        level.marker.style = XL_MARKER_STYLE.NONE
    shares = [one["met"] / one["due"] * 100 for one in weeks if one["due"]]
    chart.value_axis.tick_labels.number_format, chart.value_axis.tick_labels.number_format_is_linked = PERCENT, False
    chart.value_axis.maximum_scale = 100
    chart.value_axis.minimum_scale = max(0, min([*shares, 90]) // 10 * 10)


def _keys(deck: Deck, title: str, vocabulary: str, found: Sequence[Key]) -> None:
    slide = _slide(deck, words.of_all(title, MOST_KEYS, len(found)))
    shown = list(found)[:MOST_KEYS][::-1]  # the first on top
    if not shown:
        _box(slide, [_("Nothing to show for this week.")], Pt(18))
        return
    data = CategoryChartData(number_format="0")
    data.categories = [name_of(vocabulary, one["key"]) for one in shown]
    if any(one["before"] is not None for one in shown):
        data.add_series(_("Week before"), [one["before"] for one in shown])
    data.add_series(_("This week"), [one["count"] for one in shown])
    chart = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, LEFT, TOP, ROOM, HIGH - TOP - Inches(0.9), data).chart
    _look(chart, (PALE, SECOND) if len(chart.series) > 1 else (SECOND,))
    plot = chart.plots[0]
    plot.has_data_labels, plot.gap_width, plot.overlap = True, 60, 0
    plot.data_labels.font.size = Pt(12)
    axis = chart.category_axis
    axis.tick_labels.font.size = Pt(14 if len(shown) <= MOST_BIG else 11)
    every = axis._element.makeelement(qn("c:tickLblSkip"), {"val": "1"})  # names each, however narrow they stand
    axis._element.find(qn("c:noMultiLvlLbl")).addprevious(every)


def _look(chart: Chart, colors: Sequence[Color]) -> None:
    chart.font.size, chart.font.name = Pt(14), FONT
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.TOP
    chart.legend.include_in_layout = False
    chart.value_axis.major_gridlines.format.line.color.rgb = PALE
    for series, color in zip(chart.series, colors, strict=True):
        series.format.fill.solid()
        _paint(series.format.line.color, color)
        _paint(series.format.fill.fore_color, color)
        if hasattr(series, "marker"):
            series.smooth = False
            series.marker.format.fill.solid()
            _paint(series.marker.format.fill.fore_color, color)


def _paint(part: ColorFormat, color: Color) -> None:
    if isinstance(color, RGBColor):
        part.rgb = color
    else:
        part.theme_color = color


def _overdue(deck: Deck, review: Review) -> None:
    count = review["overdue_all"]
    title = _("Overdue ({n})").format(n=number(count))
    slide = _slide(deck, title if count <= MOST_ROWS else words.of_all(_("Overdue"), MOST_ROWS, count))
    if not review["overdue"]:
        _box(slide, [_("Nothing is overdue.")], Pt(18))
        return
    rows = [words.overdue(one) for one in review["overdue"][:MOST_ROWS]]
    owed_by = words.owed_by(review)
    _box(slide, [owed_by], Pt(14), top=TOP - Inches(0.1), color=GREY)
    below = TOP + Inches(0.3) * ceil(len(owed_by) / ON_A_LINE) + Inches(0.1)
    _table(slide, (_("Case code"), _("Due"), _("Category"), _("Held by")), rows, (2, 2, 4, 3), top=below)


def _departments(deck: Deck, review: Review) -> None:
    slide = _slide(deck, _("Departments, incidents, prevention"))
    head, *all_of = words.departments(review)
    told = [*words.incidents(review), *words.prevention(review)] or [_("No incident went on in this week.")]
    beneath = sum(ceil(len(line) / ON_A_LINE) for line in told) + 1  # and how many departments are left out
    rows = all_of[: min(MOST_ROWS, MOST_WITH_LINES - beneath)]
    left = words.more_departments(len(all_of) - len(rows))
    if rows:
        _table(slide, head, rows, (5, 2, 2, 2, 2))
    top = TOP + Inches(0.42) * (len(rows) + 1 if rows else 0) + Inches(0.1)
    _box(slide, [*filter(None, [left]), *told], Pt(14), top=top)


def _decisions(deck: Deck, decided: Sequence[Line]) -> None:
    slide = _slide(deck, _("Decisions"))
    rows = [words.decision(one) for one in decided]
    if not rows:
        _box(slide, [_("Nothing was decided.")], Pt(18))
        return
    fit = sum(lines <= MOST_LINES for lines in accumulate(ceil(len(text) / IN_A_CELL) + 0.5 for text, *_rest in rows))
    shown = rows[: max(1, min(fit, MOST_ROWS))]
    _table(slide, (_("What is to be done"), _("Who does it"), _("By"), _("State")), shown, (6, 3, 2, 2))
    if len(rows) > len(shown):
        more = _("{n} more stand in the minutes.").format(n=number(len(rows) - len(shown)))
        _box(slide, [more], Pt(14), top=HIGH - Inches(1.2), color=GREY)


def _feet(deck: Deck, review: Review) -> None:
    count = len(deck.slides)
    for i, slide in enumerate(deck.slides, start=1):
        foot = _("{organisation} · {week} · figures as of {moment} · {i}/{count}").format(
            organisation=review["organisation"],
            week=words.week_words(review["figures"]),
            moment=words.as_of(review["figures"]),
            i=i,
            count=count,
        )
        box = slide.shapes.add_textbox(LEFT, HIGH - Inches(0.55), ROOM, Inches(0.35))
        _write(box, [foot], Pt(11), color=GREY)
