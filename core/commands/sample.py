"""``python -m core sample``: believable complaints to try the register with, the same for the same seed."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from core.clock import utc_now
from core.commands import sample_incidents
from core.commands.import_ import positive
from core.commands.sample_answers import CODE
from core.commands.sample_histories import SOURCE, Place, Sample, Staff
from core.commands.sample_incidents import Over
from core.commands.sample_rhythm import Work, calls, rhythm
from core.commands.sample_texts import people
from core.commands.seldom import collecting_seldom
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext, moment, number
from core.register import rulebook
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.log.act import Act
from core.register.log.ahead import batch_by_batch
from core.register.log.bulk import among
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint, Person
from core.register.organisation import answer_texts
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.calendar import LOCAL
from core.rules.days import Intervals
from core.settings import Settings

BATCH = 1_000
KNOWN = select(Complaint.external_ref).where(Complaint.source == SOURCE, among(Complaint.external_ref, "references"))
SATURDAY = 5


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``sample`` to the command line."""
    parser = subparsers.add_parser("sample", help="fill the register with invented complaints of its organisation")
    parser.add_argument("--complaints", type=positive, default=5_000, metavar="N", help="how many (5000)")
    parser.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="the last day, YYYY-MM-DD (today)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same register (1)")
    parser.add_argument("--force", action="store_true", help="even where real complaints are kept")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Fill the register that DATABASE_URL names; refuses one with real complaints."""
    settings, now = Settings.from_env(os.environ), utc_now()
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    until = end_of(options.until, now) if options.until else now
    started = time.perf_counter()
    with collecting_seldom():
        written = fill(register, options.complaints, until, options.seed, force=options.force, progress=_progress)
    seconds = time.perf_counter() - started
    text = gettext(N_("{count} sample complaints until {until} in {seconds} s."))
    say(text.format(count=number(written), until=moment(until), seconds=number(seconds, 1)))


def fill(
    register: Register,
    complaints_wanted: int,
    until: datetime,
    seed: int,
    *,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _wanted: None,
) -> int:
    """Write so many invented complaints of the weeks before ``until``; returns how many were new.

    The same arguments give the same complaints, and a fill that was cut off is completed by the same call. ``progress``
    gets the complaints done and wanted after each batch. Raises Invalid on a register that holds complaints which are
    no sample, unless ``force``.
    """
    with register.write() as session:
        if not force and has_real(session):
            raise Invalid(N_("This register holds real complaints: try the sample in another one, or say --force."))
        place = place_of(session, until)
    chance = Random(seed)  # noqa: S311 -- a sample has to be repeatable
    sample = Sample(until, place, chance)
    name = f"{seed}-{until:%Y%m%dT%H%M%S}-{complaints_wanted}"
    came = calls(place.organisation, complaints_wanted, until, place.work, chance)
    hit = [(f"{name}-{n}", call.at) for n, call in enumerate(came, start=1) if call.in_incident]
    over = Over([reference for reference, _at in hit], max(at for _reference, at in hit)) if hit else None

    def drawn(first: int) -> Callable[[Register], int]:
        """The batch of complaints from that place on, drawn: by itself, so that another process may draw the next."""
        sample.begin(first, Random(f"{seed}-{first}") if first else chance)  # noqa: S311 -- as above
        some = came[first : first + BATCH]
        return partial(_write, until, [sample.history(call, f"{name}-{n}") for n, call in enumerate(some, first + 1)])

    total = 0
    firsts = range(0, complaints_wanted, BATCH)
    with batch_by_batch(register, firsts, drawn, ahead=len(firsts) > 1) as written:
        for first, new in zip(firsts, written, strict=True):
            total += new
            progress(min(first + BATCH, complaints_wanted), complaints_wanted)
    sample_incidents.draw(register, place, rhythm(place.organisation), over, until)
    return total


def end_of(day: date, now: datetime) -> datetime:
    """The last moment of ``day`` in Vietnam, or ``now`` when that is still to come: no event may lie in the future."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), LOCAL)
    return min(midnight - timedelta(seconds=1), now).astimezone(UTC)


def _write(until: datetime, histories: Sequence[complaints.History], register: Register) -> int:
    references = [draft.external_ref for draft, _ in histories]
    with register.write() as session:
        known = set(session.scalars(KNOWN, {"references": references}))
        new = [history for history in histories if history[0].external_ref not in known]
        codes = complaints.next_codes(session, [draft.recorded_at for draft, _ in new])
        told = map(_with_code, new, codes)
        complaints.write_histories(session, told, Act(None, until), nothing_follows=True)
    return len(new)


def _with_code(history: complaints.History, code: str) -> complaints.History:
    """The history with its code in what the customer was told."""
    draft, steps = history
    return draft, [_named(past, code) if CODE in past.fields.get("text", "") else past for past in steps]


def _named(past: PastStep, code: str) -> PastStep:
    return past._replace(fields={**past.fields, "text": past.fields["text"].replace(CODE, code)})


def place_of(session: Session, now: datetime) -> Place:
    """The organisation whose register this is, with the sample's colleagues; they are added where they are missing."""
    organisation, catalogues = rulebook.organisation(session), rulebook.catalogues(session)
    procedure = rulebook.current_procedure(session, "", now)
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    return Place(
        organisation=organisation.key,
        name=organisation.name,
        procedure=procedure,
        catalogues=catalogues,
        calendar=procedure.calendar(days),
        work=replace(procedure, week=_week(rhythm(organisation.key)["work"])).calendar(days),
        staff=_staff(session, organisation.key, now),
        texts={
            answer_texts.name_of(one.offered): answer_texts.text_of(one.offered)
            for one in answer_texts.every(session).values()
            if one.offered
        },
        customer_fields=[one for one in organisation.customer_fields if not one.retired],
    )


def _week(work: Work) -> tuple[Intervals, ...]:
    """When the staff works, Monday to Sunday: a procedure without hours of its own means the whole day."""
    worked = ((work["from"], work["to"]),)
    return tuple(worked if day < SATURDAY or work["weekend"] else () for day in range(7))


def _staff(session: Session, organisation: str, now: datetime) -> Staff:
    agents: dict[str | None, list[int]] = {}
    handlers: dict[str, list[int]] = {}
    leads, board = list[int](), list[int]()
    names, named = dict[int, str](), people(organisation)
    for row in [*named["staff"], *named.get("handlers", ()), *named.get("leads", ()), *named.get("board", ())]:
        account = Account(**row)
        known = session.scalar(select(Person).where(Person.login == account.login))
        person = known or accounts.add(session, account, None, Act(None, now))
        names[person.id] = person.name.partition(" (")[0]  # “(mẫu)” is for colleagues, not for customers
        if account.department:
            handlers.setdefault(account.department, []).append(person.id)
        elif account.role == "agent":
            agents.setdefault(account.branch, []).append(person.id)
        elif account.role == "lead":
            leads.append(person.id)
        elif account.role == "manager":
            board.append(person.id)
    return Staff(agents, handlers, names, board, leads)


def has_real(session: Session) -> bool:
    """Whether the register holds complaints that are not a sample."""
    real = exists().where(or_(Complaint.source.is_(None), Complaint.source != SOURCE))
    return bool(session.scalar(select(real)))


def _progress(done: int, wanted: int) -> None:
    end = "\r" if sys.stderr.isatty() else "\n"
    print(f"{done} / {wanted}", end=end, file=sys.stderr, flush=True)
