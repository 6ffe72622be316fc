"""``python -m core deadlines pops --recorded 2026-11-20T16:02+07:00``: when a complaint falls due, and why."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NotRequired, TypedDict

from core import shipped
from core.clock import utc_now
from core.commands import deadlines_file
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import language
from core.register import rulebook
from core.register.log.database import open_register
from core.rules import clocks, reasons, terms, verdicts
from core.rules.calendar import LOCAL, WorkCalendar, whole_second
from core.rules.catalogue import Catalogue, Entry
from core.rules.days import CalendarDays
from core.rules.procedure import SWAPS, Procedure, Term
from core.rules.wording import of as wording_of
from core.settings import Settings

MOMENTS = {"recorded_at": "received", "acknowledged_at": "acknowledged", "resolved_at": "result_notified"}
"""Column or option → the event it stands for."""
READ = (*MOMENTS, "incident_on")
"""The columns of a file that are read, the needed one first."""
EXIT_CODES = """\
exit codes: 0 everything was judged; 1 a row of --in could not be judged (each is named on standard error, and its
deadlines are left empty); 2 nothing could be judged: an option or the file as a whole is wrong"""
_VERDICTS = {
    "met": "đúng hạn",
    "missed": "trễ hạn",
    "running": "đang chạy",
    "overdue": "quá hạn",
    "cancelled": "đã hủy",
}


class DayAnswer(TypedDict):
    """One date of an explanation (``reasons.ExplainedDay``)."""

    day: str
    kind: str
    number: int | None
    seconds: int
    text: str


class TermAnswer(TypedDict):
    """One term: instants in local ISO text; ``due_at``, ``starts_at`` and ``verdict`` None while it has not started."""

    term: str
    unit: str
    amount: int
    starts_at: str | None
    due_at: str | None
    verdict: str | None
    because: list[str]
    days: NotRequired[list[DayAnswer]]


class Answer(TypedDict):
    """The answer for one complaint, as ``--json`` prints it."""

    procedure: str
    recorded_at: str
    terms: list[TermAnswer]
    admissible_until: str | None


Columns = Mapping[str, str | None]
"""Moments and dates of one complaint as typed: ``recorded_at``, ``incident_on`` …; missing or empty where unknown."""


@dataclass(frozen=True)
class Question:
    """How every complaint is judged: under which procedure, on which calendar, as of when, about which product.

    ``own``: the product, whose reply term ``procedure`` has already; one without terms of its own where none is given.
    """

    procedure: Procedure
    calendar: WorkCalendar
    now: datetime
    own: Entry
    language: str


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command with its options."""
    parser = subparsers.add_parser("deadlines", help="when a complaint falls due, and why", epilog=EXIT_CODES)
    parser.add_argument("procedure", nargs="?", default="", help="key of the procedure, for example pops")
    parser.add_argument(
        "--register",
        action="store_true",
        help="what the register of DATABASE_URL promises: its own procedure, products and calendar",
    )
    parser.add_argument("--recorded", metavar="T", help="when it was recorded, with its offset: 2026-11-20T16:02+07:00")
    parser.add_argument("--acknowledged", metavar="T", help="when the customer was first answered")
    parser.add_argument("--resolved", metavar="T", help="when the result was notified")
    parser.add_argument("--incident", metavar="DATE", help="date of the incident, for procedures that limit it")
    parser.add_argument("--product", help="product of the organisation, where products have their own terms")
    parser.add_argument("--swaps", choices=SWAPS, help="follow the government's swapped days or not")
    parser.add_argument("--now", metavar="T", help="judge as of this moment instead of the current time")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--explain", action="store_true", help="show the count day by day")
    parser.add_argument(
        "--in",
        dest="source",
        metavar="CSV",
        help="judge every row of a UTF-8 file with commas, semicolons or tabs: recorded_at, and where known "
        "acknowledged_at, resolved_at, incident_on",
    )
    parser.add_argument(
        "--out",
        metavar="CSV",
        help="where the rows go with their deadlines, as Excel opens them; standard output without it",
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """One complaint from the options, or every row of ``--in``; 1 when a row could not be judged."""
    question = _question(options)
    if options.source:
        return _judge_file(question, Path(options.source), Path(options.out) if options.out else None)
    if not options.recorded:
        raise Invalid("Give --recorded with the moment the complaint was recorded, or --in with a CSV of complaints.")
    columns = {
        "recorded_at": options.recorded,
        "acknowledged_at": options.acknowledged,
        "resolved_at": options.resolved,
        "incident_on": options.incident,
    }
    answer = _answer(question, columns, options.explain)
    in_words = json.dumps(answer, ensure_ascii=False, indent=2) if options.json else _in_words(question, answer)
    for line in in_words.splitlines():
        say(line)
    return 0


def _question(options: argparse.Namespace) -> Question:
    now = moment("--now", options.now) if options.now else utc_now()
    if options.register and options.swaps:
        raise Invalid("The register has a calendar of its own: leave --swaps out, or leave --register out.")
    if not options.register and not options.procedure:
        raise Invalid("Name a procedure such as pops, or say --register for that of the register.")
    procedure, days, products = _of_register(options, now) if options.register else _shipped(options)
    own = _product(products, options.product) if options.product else Entry("", "", "")
    procedure = procedure.with_reply_days(own.reply_days)
    return Question(procedure, procedure.calendar(days), now, own, language())


def _shipped(options: argparse.Namespace) -> tuple[Procedure, CalendarDays, Catalogue]:
    """A procedure as it comes with the program, with the products of the organisations that work by it."""
    procedure = shipped.procedure(options.procedure)
    whose = [name for name, one in shipped.organisations().items() if procedure.key in one.procedures]
    products = {key: entry for name in whose for key, entry in shipped.catalogues(name).products.items()}
    return procedure, shipped.calendar_days(options.swaps or procedure.swaps), products


def _of_register(options: argparse.Namespace, now: datetime) -> tuple[Procedure, CalendarDays, Catalogue]:
    """The procedure that a complaint recorded when the option says, else now, follows in the register (D9, D20)."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    at = moment("--recorded", options.recorded) if options.recorded else now
    with register.read() as session:
        procedure = rulebook.current_procedure(session, options.procedure, at)
        days = rulebook.of(session).days(session, rulebook.calendar_version(session))
        return procedure, days, rulebook.catalogues(session).products


def _product(known: Catalogue, key: str) -> Entry:
    if key not in known:
        named = ", ".join(known) or "–"
        raise Invalid("There is no product {product}: choose one of {known}.", product=key, known=named)
    return known[key]


def moment(name: str, text: str) -> datetime:
    """An instant written in ISO with its offset, to the second; the sentence names where it stands."""
    try:
        return whole_second(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        pass
    except Invalid:
        raise Invalid(
            "{name}: {given} has no time zone: write it with one, like +07:00.", name=name, given=text
        ) from None
    raise Invalid("{name}: {given} is not a time like 2026-11-20T16:02+07:00.", name=name, given=text)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("{name}: {given} is not a date like 2026-11-20.", name=name, given=text) from None


def _cycles(question: Question, columns: Columns) -> dict[str, clocks.Cycle]:
    events = [
        clocks.Occurrence(kind, moment(name, text)) for name, kind in MOMENTS.items() if (text := columns.get(name))
    ]
    if not columns.get("recorded_at"):
        raise Invalid("{name}: is missing.", name="recorded_at")
    return {cycle.term: cycle for cycle in clocks.cycles(question.procedure, question.calendar, events)}


def _answer(question: Question, columns: Columns, explained: bool) -> Answer:
    procedure, calendar = question.procedure, question.calendar
    running = _cycles(question, columns)
    recorded = moment("recorded_at", columns["recorded_at"] or "")
    ahead = {p.term: p for p in terms.preview(procedure, calendar, recorded, language=question.language)}
    return {
        "procedure": procedure.key,
        "recorded_at": _local(recorded),
        "terms": [_term(question, term, running.get(term.key), ahead[term.key], explained) for term in procedure.terms],
        "admissible_until": _admissible(question, columns),
    }


def _term(
    question: Question, term: Term, cycle: clocks.Cycle | None, ahead: terms.Promise, explained: bool
) -> TermAnswer:
    procedure, calendar = question.procedure, question.calendar
    answer = TermAnswer(
        term=term.key,
        unit=term.unit.value,
        amount=term.amount,
        starts_at=_local(cycle.starts_at) if cycle else None,
        due_at=_local(cycle.due_at) if cycle else None,
        verdict=verdicts.verdict(cycle, question.now).value if cycle else None,
        because=_because(question, term, cycle) if cycle else _not_started(question, ahead),
    )
    if cycle and explained:
        answer["days"] = [_day_answer(day, question.language) for day in reasons.explain(cycle, procedure, calendar)]
    return answer


def _because(question: Question, term: Term, cycle: clocks.Cycle) -> list[str]:
    sentences = reasons.reasons(cycle, question.procedure, question.calendar, question.language)
    return [*sentences, f"{term.source}: {term.rule}"]


def _day_answer(day: reasons.ExplainedDay, language: str) -> DayAnswer:
    text = day.text if language == "vi" else day.text_en
    return DayAnswer(day=day.day.isoformat(), kind=day.kind, number=day.number, seconds=day.seconds, text=text)


def _not_started(question: Question, ahead: terms.Promise) -> list[str]:
    wording = wording_of(question.language)
    if ahead.latest_at is None:
        return [wording.not_started]
    ends = wording.moment(ahead.latest_at.astimezone(LOCAL), end=True)
    return [wording.not_started, wording.at_latest.format(ends=ends)]


def _admissible(question: Question, columns: Columns) -> str | None:
    if not columns.get("incident_on"):
        return None
    incident = _day("incident_on", columns["incident_on"] or "")
    until = terms.admissible_until(question.procedure, question.calendar, incident, question.own.complaint_days)
    return until.isoformat() if until else None


def _local(t: datetime) -> str:
    return t.astimezone(LOCAL).isoformat()


def _in_words(question: Question, answer: Answer) -> str:
    procedure, wording = question.procedure, wording_of(question.language)
    lines = [procedure.name if question.language == "vi" else procedure.name_en]
    for term, found in zip(procedure.terms, answer["terms"], strict=True):
        lines.append(_headline(question, term, found))
        lines += [f"  {sentence}" for sentence in found["because"]]
        lines += [f"    {day['text']}" for day in found.get("days", ())]
    if answer["admissible_until"]:
        until = date.fromisoformat(answer["admissible_until"])
        lines.append(wording.admissible.format(day=wording.on(until, year=True)))
    return "\n".join(lines)


def _headline(question: Question, term: Term, answer: TermAnswer) -> str:
    """The term's name, its due instant and its verdict."""
    is_vietnamese, verdict = question.language == "vi", answer["verdict"]
    due_at = datetime.fromisoformat(answer["due_at"]) if answer["due_at"] else None
    due = wording_of(question.language).moment(due_at, end=True) if due_at else "–"
    ending = f" ({_VERDICTS[verdict] if is_vietnamese else verdict})" if verdict else ""
    return f"{term.label if is_vietnamese else term.label_en}: {due}{ending}"


def _judge_file(question: Question, source: Path, out: Path | None) -> int:
    """Every row of a file with its deadlines; 1 when a row could not be judged."""
    cells = ("starts_at", "due_at", "verdict")
    answers = {f"{term.key}_{what}": "recorded_at" for term in question.procedure.terms for what in cells}
    if question.procedure.admissible is not None:
        answers["admissible_until"] = "incident_on"
    refused = deadlines_file.judge_file(source, out, READ, answers, lambda row: _cells(question, row))
    return 1 if refused else 0


def _cells(question: Question, row: Columns) -> dict[str, str]:
    return dict(_cells_of_terms(question, row)) | {"admissible_until": _admissible(question, row) or ""}


def _cells_of_terms(question: Question, row: Columns) -> Iterator[tuple[str, str]]:
    for key, cycle in _cycles(question, row).items():
        yield f"{key}_starts_at", _local(cycle.starts_at)
        yield f"{key}_due_at", _local(cycle.due_at)
        yield f"{key}_verdict", verdicts.verdict(cycle, question.now).value
