"""What a template gets to fill in: one shape for every kind of paper, in the language of those who receive it."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from typing import NamedTuple, ParamSpec, TypedDict, TypeVar

import segno

from core import i18n
from core.rules.calendar import LOCAL

MONTHS_WITH_ZERO = 2
Given = ParamSpec("Given")
Made = TypeVar("Made")
Rows = list[list[str]]
"""Rows of a name and a value."""


class Said(NamedTuple):
    """A paper as somebody words it: its kind and text, who signs, its number (empty: a draft to look at), and the
    number of the one that it corrects.
    """

    kind: str
    body: str
    writer: str
    number: str = ""
    replaces: str = ""


class Listing(TypedDict):
    """A table of the minutes; ``rows`` begins with its head, ``more`` says how many others there are (or nothing)."""

    title: str
    rows: Rows
    more: str


class Meeting(TypedDict):
    """A weekly review (D38) for its minutes; ``notes``: of the items in their order, name and text each.

    ``numbers``: head and rows of the table against target and other weeks; ``time``: from when
    to when it was held; ``lists``: what else the page shows of the
    week; ``overdue_more``: how many are overdue that are not named; ``decisions``, ``carried``: what, who, until when,
    how it stands; ``restated``: what the frozen numbers would be by what is known today.
    """

    week: str
    time: str
    present: str
    said: list[str]
    numbers: Rows
    lists: list[Listing]
    overdue: Rows
    overdue_more: str
    notes: Rows
    decisions: Rows
    carried: Rows
    restated: list[str]
    later: str
    is_open: bool


NO_MEETING = Meeting(
    week="", time="", present="", said=[], numbers=[], lists=[], overdue=[], overdue_more="", notes=[],
    decisions=[], carried=[], restated=[], later="", is_open=True,
)  # fmt: skip


class Data(TypedDict):
    """Everything a template may use; what a kind has nothing of is empty.

    ``number``: as ``core.rules.papers.number_of``. ``branch``: its name. ``date``: of issue, in words. ``qr``: the case
    code as an SVG. ``logo``: bytes of a picture.
    ``accent``, ``second``: colours of the organisation, ``#RRGGBB`` (D45). ``replaces``: the number of the paper that
    this one corrects.
    ``refused``: the customer did not agree, or it was decided without them. The rest from ``is_masked`` on is of the
    file of a case, ``meeting`` of the minutes of one.
    """

    kind: str
    title: str
    number: str
    is_draft: bool
    organisation: str
    branch: str
    date: str
    footer: str
    code: str
    qr: str
    logo: list[int] | None
    accent: str
    second: str
    replaces: str
    customer: Rows
    customer_name: str
    addressee: str
    facts: Rows
    statement: str
    remedy: str
    body: str
    writer: str
    refused: bool
    is_masked: bool
    clocks: list[dict[str, str]]
    moments: list[dict[str, str]]
    evidence: list[dict[str, str]]
    version: str
    made_at: str
    meeting: Meeting


def in_vietnamese(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """``make``, whose words are those of customers whatever language the person at the screen reads."""

    def spoken(*given: Given.args, **named: Given.kwargs) -> Made:
        def run() -> Made:
            i18n.use("vi")
            return make(*given, **named)

        return copy_context().run(run)

    return spoken


def date_words(at: datetime) -> str:
    """``Ngày 16 tháng 11 năm 2026``, as papers are dated; days 1 to 9 and months 1 and 2 have a 0 before them."""
    day = at.astimezone(LOCAL)
    month = f"{day.month:02d}" if day.month <= MONTHS_WITH_ZERO else str(day.month)
    return f"Ngày {day:%d} tháng {month} năm {day.year}"


def time_of_day(at: datetime) -> str:
    """``09:15 ngày 16/11/2026``, as a sentence says when something was."""
    return f"{at.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}"


def qr_of(code: str) -> str:
    """The case code as a picture that a telephone reads."""
    picture = io.BytesIO()
    segno.make(code, error="m").save(picture, kind="svg", xmldecl=False, border=1)
    return picture.getvalue().decode()
