"""The minutes of a weekly review as a PDF, laid out by a template that administrators may replace (D38, D39)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.i18n import gettext as _
from core.i18n import named
from core.insight.dimensions import name_of
from core.insight.drawings import weekly as drawings
from core.insight.drawings.drawing import Drawing
from core.insight.facts import Facts
from core.papers import review_words as words
from core.papers.review import Overdue, Review
from core.register.papers import parts, typeset
from core.register.papers.data import Data, Listing, Meeting, Rows, date_words, in_vietnamese, qr_of, time_of_day
from core.register.reads.meetings import NO_NOTE, Line, Whole
from core.rules.calendar import local_day
from core.rules.marks import visible
from core.rules.meetings import AGENDA, LATER, PRESENT
from core.rules.papers import OF_A_MEETING

MEDIA_TYPE = "application/pdf"


@in_vietnamese
def pdf(session: Session, facts: Facts, review: Review, meeting: Whole | None, now: datetime) -> bytes:
    """The file, in Vietnamese whoever asks; without a meeting it says that nothing was said or decided yet."""
    template, _versions = parts.template(session, OF_A_MEETING)
    return typeset.pdf(template, _data(session, facts, review, meeting, now), now)


def _data(session: Session, facts: Facts, review: Review, meeting: Whole | None, now: datetime) -> Data:
    week = words.week_name(words.monday(review["figures"]["week"]))
    as_of, colours = words.as_of(review["figures"]), parts.colours(session)
    is_closed = meeting is not None and meeting.closed_at is not None
    return Data(
        kind=OF_A_MEETING,
        title=named("paper", OF_A_MEETING),
        number=meeting.number if meeting else "",
        is_draft=not is_closed,
        organisation=visible(review["organisation"]),
        branch="",
        date=date_words(meeting.closed_at if meeting and meeting.closed_at else now),
        footer=f"{visible(review['organisation'])} · số liệu lúc {as_of}",
        code=week,
        qr=qr_of(week),
        logo=parts.logo(session),
        accent=colours.accent,
        second=colours.second,
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
    heads, rows = words.table(review)
    return Meeting(
        week=words.week_words(review["figures"]),
        time=_time(meeting),
        present=visible(notes.get(PRESENT, NO_NOTE).text),
        said=[visible(sentence) for sentence in words.paragraph(review)],
        numbers=[heads, *rows],
        lists=_lists(review),
        overdue=[_visible(_held(one)) for one in review["overdue"]],
        overdue_more=words.more_complaints(review["overdue_all"] - len(review["overdue"])),
        notes=[[_(words.NOTES[item]), visible(notes[item].text)] for item in AGENDA if notes.get(item, NO_NOTE).text],
        decisions=_lines(meeting.decided if meeting else ()),
        carried=_lines(meeting.carried if meeting else ()),
        restated=words.restated_since(session, facts, review, local_day(now)) if is_closed else [],
        later=visible(notes.get(LATER, NO_NOTE).text),
        is_open=not is_closed,
    )


def _time(meeting: Whole | None) -> str:
    """``14:00 ngày 23/11/2026 đến 15:10 ngày 23/11/2026``: when it was opened and closed."""
    if meeting is None:
        return ""
    return " đến ".join(time_of_day(at) for at in (meeting.opened_at, meeting.closed_at) if at is not None)


def _held(one: Overdue) -> list[str]:
    """A row of what is overdue, whoever has it with the department that is asked."""
    *told, holder = words.overdue(one)
    asked = [name_of("department", one["department"])] if one["department"] else []
    return [*told, ", ".join([holder, *asked])]


def _lists(review: Review) -> list[Listing]:
    """What the page shows of the week beside its numbers, as far as there is any of it."""
    found = review["figures"]
    week = drawings.week_of(found)
    actions = review["prevention"]["actions"]
    came = drawings.keys(found["categories"], week, "category", "")
    causes = drawings.keys(found["causes"], week, "root_cause", "")
    answers = drawings.departments(found["departments"], week)
    promises = ((name_of("stage", one["stage"]), drawings.promise(one).finding) for one in found["promises"])
    kept = "; ".join(f"{name} {finding}" for name, finding in promises if finding)
    lists = (
        (_("The weeks beside it"), words.others(review), ""),
        (_found(_("Promises week by week"), kept), words.weeks(review), ""),
        (_("Promises missed"), words.misses(review), ""),
        (_found(_("What came in"), came.finding), _table(came), ""),
        (_found(_("Root causes of what was closed"), causes.finding), _table(causes), ""),
        (_found(_("Answers of departments"), answers.finding), words.departments(review), ""),
        (_("Incidents"), words.all_incidents(review), ""),
        (
            words.of_all(_("Preventive actions not done"), len(actions), review["prevention"]["undone"]),
            words.actions(review),
            words.more_actions(review["prevention"]["undone"] - len(actions)),
        ),
        (_("How they are counted"), words.definitions(review), ""),
    )
    return [
        Listing(title=title, rows=[_visible(row) for row in rows], more=more)
        for title, rows, more in lists
        if len(rows) > 1
    ]


def _found(title: str, finding: str) -> str:
    """The title as the page has it: with what it shows, where that is something."""
    return f"{title}: {visible(finding)}" if finding else title


def _table(drawing: Drawing) -> Rows:
    """The table beneath a chart of the page."""
    cells = ([cell if isinstance(cell, str) else cell.text for cell in row] for row in drawing.rows)
    return [list(drawing.headers), *cells]


def _lines(found: Sequence[Line]) -> Rows:
    """Decisions, each with what became of it."""
    rows = [words.decision(one) for one in found]
    results = [f" ({one.result})" if one.result else "" for one in found]
    return [_visible([text + result, *rest]) for (text, *rest), result in zip(rows, results, strict=True)]


def _visible(cells: Sequence[str]) -> list[str]:
    return [visible(cell) for cell in cells]
