"""The weekly review in words: title, the paragraph that says what happened, and each number beside the others.

Everything is said from the data of the review alone, so that the page, the slides and the minutes say the same, and
what was frozen is said as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from core.i18n import N_, day, language, ngettext, number, percent
from core.i18n import gettext as _
from core.i18n import named as name_in
from core.insight import figures, findings, known, tet
from core.insight.charts import share_made_of, share_of, target_words
from core.insight.compliance import is_met
from core.insight.control_chart import week_name as week_label
from core.insight.dimensions import name_of
from core.insight.facts import Facts
from core.insight.rates import ENOUGH
from core.insight.weekly import LAST_DAY, OVERDUE, PROMISED, WEEK, WEEKS_SHOWN, Counted, Figures, Number
from core.papers import review as reviews
from core.papers.review import Overdue, Restated, Review
from core.register.reads.meetings import Line
from core.rules.calendar import LOCAL
from core.rules.meetings import LATER, PRESENT

MOST_NAMED = 3
NAMED = re.compile(r"(\d{4})-W(\d{2})")
BESIDE = {"last": N_("week before"), "four": N_("four weeks before"), "year": N_("same week last year")}
"""What a number is put beside."""


NOTES = {
    PRESENT: N_("Present"),
    LATER: N_("Added later"),
    "promises": N_("On promises"),
    "misses": N_("On misses"),
    "volume": N_("On what came in"),
    "causes": N_("On causes"),
    "incidents": N_("On incidents"),
    "overdue": N_("On what is overdue"),
    "departments": N_("On departments"),
    "prevention": N_("On prevention"),
    "other": N_("Anything else"),
}
"""What is written down (``core.rules.meetings.WRITTEN`` and ``LATER``) → what that note is called."""


def week_name(monday: date) -> str:
    """``2026-W47``, as addresses and commands name it."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02d}"


def named(week: str) -> date | None:
    """The Monday of ``2026-W47``; None for no such week."""
    found = NAMED.fullmatch(week)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def monday(week: str) -> date:
    """The day that ``Figures`` name the week by."""
    return date.fromisoformat(week)


def shown(review: Review) -> tuple[date, date]:
    """First and last day that the charts of the review show."""
    first = monday(review["figures"]["week"])
    return first - (WEEKS_SHOWN - 1) * WEEK, first + LAST_DAY


def week_words(figures: Figures) -> str:
    """``Tuần 47 (16/11–22/11/2026)``."""
    monday = date.fromisoformat(figures["week"])
    return _("Week {week} ({days})").format(
        week=monday.isocalendar().week, days=findings.period(monday, monday + LAST_DAY)
    )


def as_of(figures: Figures) -> str:
    """``09:30 23/11/2026`` on the local clock."""
    return at(figures["as_of"])


def at(moment: str) -> str:
    """An ISO instant on the local clock: ``09:30 23/11/2026``."""
    return f"{datetime.fromisoformat(moment).astimezone(LOCAL):%H:%M %d/%m/%Y}"


def due(moment: str) -> str:
    """When a term ended: ``17:30 23/11/2026``; one that ended at midnight ``hết 22/11/2026``, the day before."""
    local = datetime.fromisoformat(moment).astimezone(LOCAL)
    if (local.hour, local.minute) != (0, 0):
        return at(moment)
    return _("end of {day}").format(day=day(local.date() - timedelta(days=1)))


def title(review: Review) -> str:
    """The finding: the week, whether its first promise met the target, and what is owed."""
    week = date.fromisoformat(review["figures"]["week"]).isocalendar().week
    told = [_judged(one) for one in review["figures"]["numbers"] if one["name"] in PROMISED][:1]
    if review["overdue_all"]:
        late = ngettext("{n} complaint overdue", "{n} complaints overdue", review["overdue_all"])
        told.append(late.format(n=number(review["overdue_all"])))
    return _("Week {week}: {told}").format(week=week, told="; ".join(told) or _("nothing fell due"))


def of_promise(review: Review, stage: str) -> str:
    """The finding of one promise; its name alone where it is none of the numbers."""
    told = (_judged(one) for one in review["figures"]["numbers"] if PROMISED.get(one["name"]) == stage)
    return next(told, name_of("stage", stage))


def paragraph(review: Review) -> list[str]:
    """What happened, against target and usual, what moved and why, what is owed and by whom; a sentence each."""
    return [
        sentence for part in (_promises, _volume, _known, incidents, _owed, prevention) for sentence in part(review)
    ]


def in_figures(review: Review) -> list[str]:
    """What the figures say of promises and of what came in, a sentence each: without a word that anybody typed."""
    return [*_promises(review), *_volume(review)]


def name(one: Number) -> str:
    """What a number is called."""
    return title_of(one["name"])


def title_of(figure: str) -> str:
    """What the number of a figure is called; of two only a part of the figure is told."""
    short = {OVERDUE: _("Overdue now"), "causes": _("Closed")}
    return short.get(figure) or _(figures.FIGURES[figure].title)


def definition(review: Review, one: Number) -> str:
    """How it is counted, in the words of the day that it was frozen."""
    then = review.get("definitions", {}).get(one["name"], {})
    return then.get(language()) or _(figures.FIGURES[one["name"]].definition)


def definitions(review: Review) -> list[list[str]]:
    """Head and rows: how each number is counted."""
    told = ([name(one), definition(review, one)] for one in review["figures"]["numbers"])
    return [[_("Number"), _("How it is counted")], *told]


def value(of: Counted, name: str) -> str:
    """``87 %``, ``68``; a count of several weeks is told per week."""
    if name != OVERDUE and of["whole"] is not None:
        return percent(of["part"] / of["whole"]) if of["whole"] else "–"
    each = of["part"] / of["weeks"]
    return number(each, 0 if each == int(each) else 1)


def in_brief(of: Counted, name: str) -> str:
    """``value``, and of too few to judge by how many (D27): ``1 trên 1`` instead of ``100 %``."""
    return made_of(of) if name != OVERDUE and 0 < (of["whole"] or 0) < ENOUGH else value(of, name)


def of_all(title: str, most: int, count: int) -> str:
    """``Nguyên nhân gốc (8 trên 11)`` where only the first ``most`` of ``count`` are shown."""
    if count <= most:
        return title
    return _("{title} ({shown} of {all})").format(title=title, shown=number(most), all=number(count))


def made_of(of: Counted) -> str:
    """``67 trên 77``; nothing for a count."""
    if of["whole"] is None:
        return ""
    return _("{part} of {whole}").format(part=number(of["part"]), whole=number(of["whole"]))


def beside(one: Number) -> Iterator[tuple[str, Counted]]:
    """What it is put beside, as far as the register covers that: key of ``BESIDE`` and number."""
    for key in BESIDE:
        found: Counted | None = one[key]  # type: ignore[literal-required]
        if found is not None:
            yield key, found


def table(review: Review) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the numbers against target and beside other weeks."""
    heads = [_("Number"), _("This week"), _("Made of"), _("Target"), _("Week before"), _("Four weeks before")]
    rows = []
    for one in review["figures"]["numbers"]:
        others = {key: in_brief(found, one["name"]) for key, found in beside(one)}
        target = target_words(one["target"]) if one["target"] is not None else "–"
        told = [name(one), value(one["week"], one["name"]), made_of(one["week"]) or "–", target]
        rows.append([*told, *(others.get(key, "–") for key in BESIDE)])
    return [*heads, _("Same week last year")], rows


def others(review: Review) -> list[list[str]]:
    """Head and rows: each number in the weeks that it is put beside, and what it was made of there."""
    rows = []
    for one in review["figures"]["numbers"]:
        of = dict(beside(one))
        if of:
            told = [counted(of[key], one["name"]) if key in of else "–" for key in BESIDE]
            rows.append([name(one), *told])
    return [[_("Number"), _("Week before"), _("Four weeks before"), _("Same week last year")], *rows]


def counted(of: Counted, name: str) -> str:
    """``87 % (67/77)``, ``68``, ``38,8 (155)``: with what it is made of, which its rows are."""
    if of["whole"] is not None:
        return share_made_of(of["part"], of["whole"])
    each = value(of, name)
    return each if of["weeks"] == 1 else f"{each} ({number(of['part'])})"


def overdue(one: Overdue) -> list[str]:
    """A row of what is overdue: code, due, category, who has it."""
    return [one["code"], due(one["due"]), name_of("category", one["category"]), one["holder"] or _("nobody yet")]


def owed_by(review: Review, most: int | None = None) -> str:
    """``Ngọc Ánh 5, Quang Huy 4, chưa ai nhận 2``; of more than ``most`` people with what the others have."""
    named = review["owed_by"][:most]
    told = [f"{holder or _('nobody yet')} {number(n)}" for holder, n in named]
    others = more_complaints(sum(n for _holder, n in review["owed_by"][len(named) :]))
    return " ".join(filter(None, [", ".join(told), others]))


def more_complaints(count: int) -> str:
    """``và 10 hồ sơ khác``; nothing for none."""
    told = ngettext("and {n} more complaint", "and {n} more complaints", count)
    return told.format(n=number(count)) if count > 0 else ""


def more_departments(count: int) -> str:
    """``và 2 phòng ban khác``; nothing for none."""
    told = ngettext("and {n} more department", "and {n} more departments", count)
    return told.format(n=number(count)) if count > 0 else ""


def more_actions(count: int) -> str:
    """``và 3 hành động khác``; nothing for none."""
    told = ngettext("and {n} more action", "and {n} more actions", count)
    return told.format(n=number(count)) if count > 0 else ""


def weeks(review: Review) -> list[list[str]]:
    """Head and rows: what share of each promise was kept, week by week."""
    promises = review["figures"]["promises"]
    if not promises:
        return []
    names = [week_label(monday(one["week"]), False) for one in promises[0]["weeks"]]
    return [
        [_("In time"), *names],
        *(
            [
                name_of("stage", one["stage"]),
                *("–" if w["share"] is None else percent(w["share"]) for w in one["weeks"]),
            ]
            for one in promises
        ),
    ]


def misses(review: Review) -> list[list[str]]:
    """Head and rows: what was promised, how many were missed in the week, how many of these have no reason yet."""
    return [
        [_("Promise"), _("Missed or overdue"), _("Without a reason")],
        *(
            [name_of("stage", one["stage"]), number(one["broken"]), number(one["broken"] - one["explained"])]
            for one in review["figures"]["promises"]
            if one["broken"]
        ),
    ]


def departments(review: Review) -> list[list[str]]:
    """Head and rows: answers that each department owed in the week, those in time, those late, and the share."""
    return [
        [_("Department"), _("Answers owed"), _("Met"), _("Late"), _("Share met")],
        *(
            [
                name_of("department", one["key"]),
                number(one["due"]),
                number(one["met"]),
                number(one["due"] - one["met"]),
                share_of(one["met"] / one["due"], one["due"]),
            ]
            for one in review["figures"]["departments"]
        ),
    ]


def all_incidents(review: Review) -> list[list[str]]:
    """Head and rows of every incident of the week."""
    return [
        [_("Incident"), _("Category"), _("Complaints"), _("Late"), _("Ended")],
        *(
            [
                one["code"],
                name_of("category", one["category"]),
                number(one["complaints"]),
                number(one["late"]),
                at(one["ended"]) if one["ended"] else _("goes on"),
            ]
            for one in review["incidents"]
        ),
    ]


def actions(review: Review) -> list[list[str]]:
    """Head and rows of the preventive actions that are named."""
    head = [_("Action"), _("Owner"), _("Due")]
    rows = []
    for one in review["prevention"]["actions"]:
        action = _("action {n}").format(n=number(one["number"]))
        until = _("overdue since {due}") if one["is_late"] else "{due}"
        rows.append([f"{one['code']}, {action}", one["owner"], until.format(due=due(one["due"]))])
    return [head, *rows]


def decision(one: Line) -> list[str]:
    """A row of a decision: what, who, until when, how it stands."""
    state = name_in("ending of a decision", one.ending) if one.ending else _("still open")
    return [one.text, one.owner, day(one.due_on), state]


def period_of(week: date, key: str) -> tuple[date, date]:
    """First and last day of the weeks ``last``, ``four`` or ``year`` of ``Number``."""
    if key == "year":
        return tet.year_before(week, week + LAST_DAY)
    return week - timedelta(weeks={"last": 1, "four": 4}[key]), week - timedelta(days=1)


def is_missed(one: Number) -> bool | None:
    """Whether the target is missed; None where it has none, or too little fell due to judge."""
    share = _share(one["week"])
    if one["target"] is None or share is None or (one["week"]["whole"] or 0) < ENOUGH:
        return None
    return not is_met(share, one["target"])


def restated_since(session: Session, facts: Facts, review: Review, today: date) -> list[str]:
    """A sentence for each number of a frozen review that is another one by what is known today."""
    changed = reviews.restated(facts, review)
    why = reviews.reasons(session, facts, review) if changed else {}
    return [restated(one, why[one["name"]], today) for one in changed]


def restated(one: Restated, why: Mapping[str, int], today: date) -> str:
    """``Thông báo kết quả đúng hạn: 87 % → 86 %, tính lại ngày 30/11/2026, vì 2 lần sửa``."""
    sentence = _("{name}: {then} → {now}, restated on {day}{why}")
    return sentence.format(
        name=title_of(one["name"]),
        then=_told(one["then"], one["name"]),
        now=_told(one["now"], one["name"]),
        day=f"{today:%d/%m/%Y}",
        why=_because(why),
    )


def _told(of: Counted, name: str) -> str:
    made = made_of(of)
    if name == OVERDUE:
        return made
    return f"{value(of, name)} ({made})" if made else value(of, name)


def _because(why: Mapping[str, int]) -> str:
    words = {
        "corrected": ngettext("{n} correction", "{n} corrections", why.get("corrected", 0)),
        "late": ngettext("{n} step typed in later", "{n} steps typed in later", why.get("late", 0)),
    }
    told = [words[key].format(n=number(n)) for key, n in why.items() if n]
    return _(", because of {told}").format(told=", ".join(told)) if told else ""


def _share(of: Counted) -> float | None:
    return of["part"] / of["whole"] if of["whole"] else None


def _judged(one: Number) -> str:
    """``thông báo kết quả chưa đạt chỉ tiêu 95 % (87 % của 77)``; of too few only how many."""
    share, whole = _share(one["week"]), one["week"]["whole"] or 0
    stage = name_of("stage", PROMISED[one["name"]])
    if share is None:
        return _("{stage}: nothing fell due").format(stage=stage)
    if whole < ENOUGH or one["target"] is None:
        return _("{stage}: {met} of {n} met").format(stage=stage, met=number(one["week"]["part"]), n=number(whole))
    return f"{stage}: {findings.in_words(whole, share, one['target'])}"


def _promises(review: Review) -> Iterator[str]:
    unusual = {one["stage"]: one["weeks"][-1] for one in review["figures"]["promises"]}
    for one in review["figures"]["numbers"]:
        if one["name"] not in PROMISED:
            continue
        others = [
            f"{_(BESIDE[key])} {value(other, one['name'])}"
            for key, other in beside(one)
            if (other["whole"] or 0) >= ENOUGH
        ]
        week = unusual.get(PROMISED[one["name"]])
        said = {"below": _("unusually low"), "above": _("unusually high")}.get(week["signal"] if week else "")
        told = ", ".join(filter(None, [said, *others]))
        yield _judged(one) + (f"; {told}." if told else ".")
    for promise in review["figures"]["promises"]:
        left = promise["broken"] - promise["explained"]
        if left:
            sentence = ngettext(
                "{stage}: {n} of {broken} missed has no reason yet.",
                "{stage}: {n} of {broken} missed have no reason yet.",
                left,
            )
            stage = name_of("stage", promise["stage"])
            yield sentence.format(stage=stage, n=number(left), broken=number(promise["broken"]))


def _a_week(of: Counted, name: str) -> str:
    """``83``; of several weeks ``75,8 mỗi tuần``."""
    each = value(of, name)
    return each if of["weeks"] == 1 else _("{n} a week").format(n=each)


def _volume(review: Review) -> Iterator[str]:
    found = {one["name"]: one for one in review["figures"]["numbers"]}
    came, closed = found["volume"], found["causes"]
    others = [f"{_(BESIDE[key])} {_a_week(other, 'volume')}" for key, other in beside(came)]
    yield _("{n} recorded{beside}, {closed} closed, {open} open.").format(
        n=number(came["week"]["part"]),
        beside=f" ({', '.join(others)})" if others else "",
        closed=number(closed["week"]["part"]),
        open=number(found[OVERDUE]["week"]["whole"] or 0),
    )
    for vocabulary, keys in (
        ("category", review["figures"]["categories"]),
        ("root_cause", review["figures"]["causes"]),
    ):
        for one in keys:
            if one["stands_out"] and one["before"] is not None and max(one["count"], one["before"]) >= ENOUGH:
                rose = _("{name} rose beyond chance: {n}, {before} the week before.")
                fell = _("{name} fell beyond chance: {n}, {before} the week before.")
                sentence = rose if one["count"] > one["before"] else fell
                yield sentence.format(
                    name=name_of(vocabulary, one["key"]), n=number(one["count"]), before=number(one["before"])
                )


def _known(review: Review) -> Iterator[str]:
    known_of = [
        f"{name_in('known event', one['kind'])}: {one['title']}"
        f" ({known.days(date.fromisoformat(one['first']), date.fromisoformat(one['last']) if one['last'] else None)})"
        for one in review["known"]
    ]
    if known_of:
        yield _("Known: {events}.").format(events="; ".join(known_of))


def incidents(review: Review) -> Iterator[str]:
    """The incidents of the week that have most complaints, and how many others there are."""
    most = sorted(review["incidents"], key=lambda one: -one["complaints"])
    for one in most[:MOST_NAMED]:
        sentence = ngettext(
            "{code} ({category}): {n} complaint, {late} late.",
            "{code} ({category}): {n} complaints, {late} late.",
            one["complaints"],
        )
        yield sentence.format(
            code=one["code"],
            category=name_of("category", one["category"]),
            n=number(one["complaints"]),
            late=number(one["late"]),
        )
    if (left := len(most) - MOST_NAMED) > 0:
        yield ngettext("And {n} more incident.", "And {n} more incidents.", left).format(n=number(left))


def _owed(review: Review) -> Iterator[str]:
    if review["overdue_all"]:
        most = owed_by(review, MOST_NAMED)
        sentence = ngettext(
            "{n} complaint is overdue: {most}.", "{n} complaints are overdue: {most}.", review["overdue_all"]
        )
        yield sentence.format(n=number(review["overdue_all"]), most=most)
    owing = [one for one in review["figures"]["departments"] if one["due"] > one["met"]]
    if owing:
        told = ", ".join(
            _("{department} {late} of {due}").format(
                department=name_of("department", one["key"]),
                late=number(one["due"] - one["met"]),
                due=number(one["due"]),
            )
            for one in owing[:MOST_NAMED]
        )
        told = " ".join(filter(None, [told, more_departments(len(owing) - MOST_NAMED)]))
        yield _("Answers of departments not in time: {told}.").format(told=told)


def prevention(review: Review) -> Iterator[str]:
    """What fell due of prevention, what is late, what waits for the board."""
    found = review["prevention"]
    parts = [
        ngettext("{n} action fell due", "{n} actions fell due", found["due"]).format(n=number(found["due"]))
        + _(", {n} in time").format(n=number(found["in_time"]))
        if found["due"]
        else "",
        ngettext("{n} action overdue", "{n} actions overdue", found["late"]).format(n=number(found["late"]))
        if found["late"]
        else "",
        ngettext("{n} analysis waits for approval", "{n} analyses wait for approval", found["waiting"]).format(
            n=number(found["waiting"])
        )
        if found["waiting"]
        else "",
        _("{n} of {all} effects proved").format(n=number(found["effective"]), all=number(found["checked"]))
        if found["checked"]
        else "",
    ]
    told = "; ".join(filter(None, parts))
    if told:
        yield _("Prevention: {told}.").format(told=told)
