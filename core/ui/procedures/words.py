"""The words of a procedure: amounts, hours, what starts and ends a term, what was changed."""

from __future__ import annotations

from datetime import datetime

from core.catalogues import catalogues, name_of
from core.i18n import WEEKDAYS, day, label, language, moment, named, ngettext, number, percent
from core.i18n import gettext as _
from core.register.organisation import audit, procedure_versions, proposals
from core.register.rulebook import Change
from core.rules.calendar import LOCAL, local_day
from core.rules.procedure import WEEK, AfterHours, Guide, Procedure, Repeats, Term, Unit, interval_text


def amount(n: int, unit: Unit) -> str:
    """``5 ngày làm việc``."""
    words = {
        Unit.WORKING_DAY: ngettext("{n} working day", "{n} working days", n),
        Unit.CALENDAR_DAY: ngettext("{n} calendar day", "{n} calendar days", n),
        Unit.HOUR: ngettext("{n} hour of the clock", "{n} hours of the clock", n),
        Unit.WORKING_MINUTE: ngettext("{n} minute of office time", "{n} minutes of office time", n),
    }
    return words[unit].format(n=number(n))


def span(guide: Guide) -> str:
    """``1–5 ngày làm việc``; nothing at all is at once."""
    if not guide.at_most:
        return _("at once")
    if guide.at_least == guide.at_most:
        return amount(guide.at_most, Unit.WORKING_DAY)
    return _("{least} to {most} working days").format(least=number(guide.at_least), most=number(guide.at_most))


def starts(term: Term) -> str:
    """What sets the term off."""
    first = named("event", term.from_event)
    if not term.else_from:
        return first
    return _("{event}; without it {other}").format(event=first, other=named("event", term.else_from))


def ends(term: Term) -> str:
    """What meets the term."""
    return _(" or ").join(named("event", event) for event in term.to_events)


def more(term: Term) -> list[str]:
    """When it counts as near, what arrives outside office hours, how often it runs."""
    found = [_("near after {share} of the time").format(share=percent(term.warn_at))]
    if term.unit is not Unit.HOUR:
        found.append(after_hours(term.after_hours))
    if term.repeats is not Repeats.ONCE:
        found.append(_("anew after re-opening") if term.repeats is Repeats.ON_REOPENING else _("for each one"))
    return found


def after_hours(key: str) -> str:
    """What happens to what arrives outside office hours (D2)."""
    words = {
        AfterHours.NEXT_OPEN: _("outside office hours it counts from the next opening"),
        AfterHours.SAME_DAY: _("it counts from the day it arrives, also outside office hours"),
    }
    return words[AfterHours(key)]


def unit(key: str) -> str:
    """The name of a unit."""
    words = {
        Unit.WORKING_DAY: _("working days"),
        Unit.CALENDAR_DAY: _("calendar days"),
        Unit.HOUR: _("hours of the clock"),
        Unit.WORKING_MINUTE: _("minutes of office time"),
    }
    return words[Unit(key)]


def hours(procedure: Procedure) -> str:
    """The week in words: days with the same hours together."""
    runs: list[tuple[int, int, str]] = []
    for weekday, intervals in enumerate(procedure.week):
        text = ", ".join(map(interval_text, intervals))
        if runs and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], weekday, text)
        else:
            runs.append((weekday, weekday, text))
    names = WEEKDAYS[language()]
    parts = []
    for first, last, text in runs:
        days = names[first] if first == last else _("{first} to {last}").format(first=names[first], last=names[last])
        parts.append(f"{days}: {text or _('closed all day')}")
    return "; ".join(parts)


def since(applies_from: datetime | None) -> str:
    """From when a version applies: the local day where it begins with one, else the moment."""
    if applies_from is None:
        return _("from the beginning")
    local = applies_from.astimezone(LOCAL)
    whole_day = (local.hour, local.minute, local.second) == (0, 0, 0)
    return _("from {moment}").format(moment=day(local_day(applies_from)) if whole_day else moment(applies_from))


def field(name: str) -> str:
    """The name of what can be changed: an amount, a text, the hours of a day."""
    if name in WEEK:
        return WEEKDAYS[language()][WEEK.index(name)]
    return named("procedure field", name)


def change(one: Change, procedure: Procedure) -> str:
    """``Thông báo kết quả, số lượng: 5 → 4``."""
    if one.what == procedure_versions.LIKE:
        return _("begun as “{like}” stands").format(like=name_of(catalogues().procedures, one.after))
    if one.what == proposals.SHIPPED:
        return named("change", one.what)
    if one.what == audit.IMPORTED:
        return f"{named('change', one.what)}: {one.after}"
    place, name = _place(one.key, procedure), field(one.what)
    before, after = (_value(one.what, text) for text in (one.before, one.after))
    return f"{place}, {name}: {before} → {after}"


def _place(key: str, procedure: Procedure) -> str:
    if key == "hours":
        return _("Office hours")
    rows: dict[str, Term | Guide] = {f"terms.{one.key}": one for one in procedure.terms}
    rows |= {f"guides.{one.key}": one for one in procedure.guides}
    return label(rows[key].label, rows[key].label_en) if key in rows else _("Procedure")


def _value(what: str, text: str) -> str:
    if what == "unit" and text:
        return unit(text)
    if what == "after_hours" and text:
        return after_hours(text)
    if what == "warn_at" and text:
        return percent(float(text))
    if what == "stated":
        return _("yes") if text == "yes" else _("no")
    if what in procedure_versions.TEXTS:
        return f"“{text}”"
    return text or (_("closed all day") if what in WEEK else "–")
