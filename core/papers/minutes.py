"""The minutes of a weekly review as a PDF, laid out by a template that administrators may replace (D38, D39)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from core.i18n import day, named, number
from core.i18n import gettext as _
from core.insight.charts import target_words
from core.insight.dimensions import name_of
from core.insight.facts import Facts
from core.insight.weekly import OVERDUE
from core.papers import review as reviews
from core.papers import review_words as words
from core.papers.review import Review
from core.register.papers import parts, typeset
from core.register.papers.data import Data, Meeting, Rows, date_words, in_vietnamese, qr_of
from core.register.reads.meetings import NO_NOTE, Line, Whole
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.rules.meetings import AGENDA, LATER, PRESENT
from core.rules.papers import OF_A_MEETING

MEDIA_TYPE = "application/pdf"
HEADS = (
    "Chỉ số", "Tuần này", "Từ", "Chỉ tiêu", "Tuần trước", "4 tuần trước", "Cùng tuần năm ngoái",
)  # fmt: skip
"""Papers are in Vietnamese, whatever language the reader's screen has."""
NOTES = {
    "promises": "Về cam kết",
    "misses": "Về các lần trễ",
    "volume": "Về hồ sơ ghi nhận",
    "causes": "Về nguyên nhân",
    "incidents": "Về sự cố",
    "overdue": "Về hồ sơ quá hạn",
    "departments": "Về phòng ban",
    "prevention": "Về phòng ngừa",
    "other": "Việc khác",
}


@in_vietnamese
def pdf(session: Session, facts: Facts, review: Review, meeting: Whole | None, now: datetime) -> bytes:
    """The file; without a meeting nothing was said or decided, and the paper says that it is none yet."""
    template, _versions = parts.template(session, OF_A_MEETING)
    return typeset.pdf(template, _data(session, facts, review, meeting, now), now)


def file_name(review: Review) -> str:
    """``hop-tuan-2026-W47.pdf``."""
    return f"hop-tuan-{words.week_name(words.monday(review['figures']['week']))}.pdf"


def _data(session: Session, facts: Facts, review: Review, meeting: Whole | None, now: datetime) -> Data:
    week = words.week_name(words.monday(review["figures"]["week"]))
    as_of = words.as_of(review["figures"])
    is_closed = meeting is not None and meeting.closed_at is not None
    return Data(
        kind=OF_A_MEETING,
        title=named("paper", OF_A_MEETING),
        number="",
        is_draft=not is_closed,
        organisation=visible(review["organisation"]),
        branch="",
        date=date_words(meeting.closed_at if meeting and meeting.closed_at else now),
        footer=f"{visible(review['organisation'])} · số liệu lúc {as_of}",
        code=week,
        qr=qr_of(week),
        logo=parts.logo(session),
        replaces="",
        customer=[],
        customer_name="",
        addressee="",
        facts=[],
        statement="",
        remedy="",
        body="",
        writer=visible(meeting.closed_by or meeting.opened_by) if meeting else "",
        refused=False,
        is_masked=False,
        clocks=[],
        moments=[],
        evidence=[],
        version=review["seal"][:12],
        made_at=f"lúc {as_of}, niêm {review['seal'][:12]}",
        meeting=_meeting(session, facts, review, meeting, now),
    )


def _meeting(session: Session, facts: Facts, review: Review, meeting: Whole | None, now: datetime) -> Meeting:
    notes = meeting.notes if meeting else {}
    is_closed = meeting is not None and meeting.closed_at is not None
    return Meeting(
        week=words.week_words(review["figures"]),
        present=visible(notes.get(PRESENT, NO_NOTE).text),
        said=[visible(sentence) for sentence in words.paragraph(review)],
        numbers=[list(HEADS), *_numbers(review)],
        overdue=[
            [
                one["code"],
                words.at(one["due"]),
                visible(name_of("category", one["category"])),
                visible(one["holder"]) or _("nobody yet"),
            ]
            for one in review["overdue"]
        ],
        notes=[[NOTES[item], visible(notes[item].text)] for item in AGENDA if item in notes and notes[item].text],
        decisions=_lines(meeting.decided if meeting else ()),
        carried=_lines(meeting.carried if meeting else ()),
        restated=_restated(session, facts, review, local_day(now)) if is_closed else [],
        later=visible(notes.get(LATER, NO_NOTE).text),
        is_open=not is_closed,
    )


def _numbers(review: Review) -> Rows:
    rows = []
    for one in review["figures"]["numbers"]:
        others = {key: words.in_brief(found, one["name"]) for key, found in words.beside(one)}
        told = number(one["week"]["part"]) if one["name"] == OVERDUE else words.value(one["week"], one["name"])
        target = target_words(one["target"]) if one["target"] is not None else "–"
        beside = [others.get(key, "–") for key in words.BESIDE]
        rows.append([words.name(one), told, words.made_of(one["week"]) or "–", target, *beside])
    return rows


def _lines(found: Sequence[Line]) -> Rows:
    return [
        [
            visible(one.text) + (f" ({visible(one.result)})" if one.result else ""),
            visible(one.owner),
            day(one.due_on),
            named("ending of a decision", one.ending) if one.ending else _("still open"),
        ]
        for one in found
    ]


def _restated(session: Session, facts: Facts, review: Review, today: date) -> list[str]:
    why = reviews.reasons(session, facts, review)
    return [words.restated(one, why, today) for one in reviews.restated(facts, review)]
