"""The sample: believable, the same for a seed, whole under `verify`, never mixed with real complaints by accident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.commands import sample
from core.commands.sample_rhythm import weeks_for
from core.commands.sample_texts import table
from core.errors import Invalid
from core.register import rulebook
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint, Customer, Event, Evidence, Incident, Person, SlaCycle
from core.register.log.verify import verify
from core.register.organisation import answer_texts
from core.rules import answer_text
from core.rules.answer_text import TELLING
from core.rules.calendar import LOCAL, local_day
from core.rules.contacts import phone_key
from core.rules.steps import State
from tests.engines import Sqlite

UNTIL = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)  # Friday 17:30 in Vietnam
COUNT = 2_000


def rows(register: Register) -> list[Complaint]:
    with register.read() as session:
        return list(session.scalars(select(Complaint).order_by(Complaint.id)))


@pytest.fixture(scope="module")
def filled(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """A register with a sample that these tests only look at."""
    folder = tmp_path_factory.mktemp("sample")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    sample.fill(register, COUNT, UNTIL, seed=1)
    yield register
    register.engine.dispose()


def test_it_has_as_many_as_asked_and_verifies(filled: Register) -> None:
    assert len(rows(filled)) == COUNT
    report = verify(filled)
    assert report.is_whole, report.problems


def test_codes_follow_the_calendar(filled: Register) -> None:
    its = [row for row in rows(filled) if row.year == 2026]
    assert [row.number for row in its] == list(range(1, len(its) + 1))
    assert [row.recorded_at for row in its] == sorted(row.recorded_at for row in its)


def test_nothing_happens_after_the_end(filled: Register) -> None:
    with filled.read() as session:
        last = session.scalar(select(func.max(Event.happened_at)).where(Event.subject == "complaint"))
    assert last is not None and last <= UNTIL
    assert max(row.recorded_at for row in rows(filled)) > UNTIL - timedelta(days=1), "it goes on to the end"


def test_open_complaints_stand_in_every_open_state(filled: Register) -> None:
    states = Counter(row.state for row in rows(filled))
    assert set(states) == {state.value for state in State} - {"merged"}, "a sample merges none"
    assert states["closed"] > 0.8 * COUNT


def test_fewer_come_at_weekends_and_at_tet(filled: Register) -> None:
    days = Counter(local_day(row.recorded_at) for row in rows(filled))
    first = min(days)
    span = [first + timedelta(days=n) for n in range((max(days) - first).days)]
    weekdays = [days[day] for day in span if day.weekday() < 4]
    weekends = [days[day] for day in span if day.weekday() > 4]
    assert sum(weekends) / len(weekends) < 0.85 * sum(weekdays) / len(weekdays)


def test_tet_is_quiet(sqlite_register: Register) -> None:
    until = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)
    sample.fill(sqlite_register, 600, until, seed=3)
    days = Counter(local_day(row.recorded_at) for row in rows(sqlite_register))
    holidays = sum(days[date(2026, 2, 14) + timedelta(days=n)] for n in range(10))
    usual = sum(days[date(2026, 1, 17) + timedelta(days=n)] for n in range(10))
    assert holidays < 0.5 * usual


def test_one_week_has_a_payment_incident(filled: Register) -> None:
    weeks = Counter(
        row.recorded_at.astimezone(LOCAL).isocalendar()[:2] for row in rows(filled) if row.category == "payment"
    )
    (busiest, most), (_, second) = weeks.most_common(2)
    said = UNTIL - timedelta(weeks=table("pops", "rhythm")["incident"]["weeks_before"])
    assert busiest == said.isocalendar()[:2]
    assert most > 1.5 * second


def test_one_incident_is_over_and_one_goes_on(filled: Register) -> None:
    with filled.read() as session:
        over, running = session.scalars(select(Incident).order_by(Incident.id))
    assert (over.category, running.category) == ("payment", "locked_chapter")
    assert over.ended_at
    assert running.ended_at is None
    its = Counter(row.incident for row in rows(filled))
    assert its[over.code] > 10
    assert its[running.code] >= 3
    assert all(row.closed_at is None for row in rows(filled) if row.incident == running.code)


def test_a_cause_falls_after_its_prevention(filled: Register) -> None:
    prevention = table("pops", "rhythm")["prevention"]
    since = local_day(UNTIL) - timedelta(weeks=prevention["weeks_before"])
    before, after = Counter[bool](), Counter[bool]()
    for row in rows(filled):
        if row.root_cause:
            (after if local_day(row.recorded_at) >= since else before)[row.root_cause == prevention["story"]] += 1
    assert after[True] / after.total() < 0.5 * before[True] / before.total()


def test_some_promises_are_broken_and_every_miss_has_a_reason(filled: Register) -> None:
    with filled.read() as session:
        clocks = list(session.scalars(select(SlaCycle).where(SlaCycle.stopped_at.is_not(None))))
    late = {clock.complaint_id for clock in clocks if clock.stopped_at is not None and clock.stopped_at > clock.due_at}
    assert 0.02 < len(late) / COUNT < 0.2
    closed = {row.id for row in rows(filled) if row.state == "closed"}
    missed = [one for one in clocks if one.complaint_id in closed and one.stopped_at and one.stopped_at > one.due_at]
    reasons = [clock.breach_reason for clock in missed]
    assert None not in reasons
    assert len(set(reasons)) >= 4


def test_nobody_in_it_is_real_or_can_sign_in(filled: Register) -> None:
    with filled.read() as session:
        customers = list(session.scalars(select(Customer)))
        staff = list(session.scalars(select(Person)))
    phones = [(c.phone, c.phone_key) for c in customers if c.phone is not None]
    emails = [c.email for c in customers if c.email is not None]
    assert phones and emails
    assert all(key is not None and key.startswith("84500") for _, key in phones), "a prefix no operator has"
    assert all(phone_key(phone) == key for phone, key in phones)
    assert all(email.endswith(".example") for email in emails), "reserved, never delivered"
    assert {person.role for person in staff} == {"agent", "lead", "handler"}
    assert all(person.password_hash is None for person in staff)


def test_texts_are_filled_and_accented(filled: Register) -> None:
    with filled.read() as session:
        said = list(session.scalars(select(Evidence.body).where(Evidence.kind == "statement")))
    assert not [text for text in said if text is None or "{" in text]
    assert 0.75 < sum(not text.isascii() for text in said if text) / len(said) < 0.97, "some are typed without accents"
    assert len(set(said)) > 0.6 * len(said)


def seen(register: Register) -> list[tuple[object, ...]]:
    with register.read() as session:
        events = select(Event.kind, Event.happened_at, Event.actor_id).where(Event.subject == "complaint")
        texts = select(Evidence.body).order_by(Evidence.id)
        return [tuple(row) for query in (events.order_by(Event.id), texts) for row in session.execute(query)]


def another(sqlite: Sqlite, folder: Path) -> Register:
    folder.mkdir()
    return open_register(sqlite.opened_database(folder), folder / "evidence")


def test_a_seed_gives_the_same_sample_and_another_seed_another(sqlite: Sqlite, tmp_path: Path) -> None:
    samples = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        register = another(sqlite, tmp_path / name)
        sample.fill(register, 120, UNTIL, seed=seed)
        samples.append(seen(register))
        register.engine.dispose()
    assert samples[0] == samples[1]
    assert samples[0] != samples[2]


def test_a_fill_that_was_cut_off_is_completed_by_the_same_call(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_done: int, _wanted: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "BATCH", 50)
    with pytest.raises(KeyboardInterrupt):
        sample.fill(register, 120, UNTIL, seed=1, progress=stop)
    assert len(rows(register)) == 50
    assert sample.fill(register, 120, UNTIL, seed=1) == 70
    assert sample.fill(register, 120, UNTIL, seed=1) == 0
    assert len(rows(register)) == 120
    assert verify(register).is_whole


def test_it_stays_away_from_real_complaints(sqlite_register: Register, now: datetime) -> None:
    with sqlite_register.write() as session:
        log(session, Draft(channel="email", recorded_at=now, statement="Thật", category="other"), Act(None, now))
    with pytest.raises(Invalid, match="real complaints"):
        sample.fill(sqlite_register, 10, UNTIL, seed=1)
    assert sample.fill(sqlite_register, 10, UNTIL, seed=1, force=True) == 10


def test_it_needs_a_calendar_that_reaches_back(sqlite_register: Register) -> None:
    with sqlite_register.read() as session:
        days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    assert local_day(UNTIL).year - days.first_year > weeks_for(1_000_000) / 52


@pytest.mark.parametrize(
    ("count", "weeks", "why"),
    [
        (5_000, 60, "the usual"),
        (50, 8, "never less than two months"),
        (20_000, 120, "four times as many, twice as long"),
        (10**7, 300, "the calendar ends"),
    ],
)
def test_weeks_grow_with_the_count(count: int, weeks: int, why: str) -> None:
    assert weeks_for(count) == weeks, why


@pytest.mark.parametrize(
    ("day", "end", "why"),
    [
        (date(2026, 11, 10), "2026-11-10 23:59:59", "a past day to its last second"),
        (date(2026, 11, 16), "2026-11-16 09:00:00", "today only until now"),
        (date(2026, 12, 24), "2026-11-16 09:00:00", "nothing lies ahead"),
    ],
)
def test_the_end_of_a_sample(now: datetime, day: date, end: str, why: str) -> None:
    assert f"{sample.end_of(day, now).astimezone(LOCAL):%Y-%m-%d %H:%M:%S}" == end, why


def test_answer_texts_are_used_and_filled_in(filled: Register) -> None:
    with filled.read() as session:
        uses = answer_texts.uses(session, UNTIL)
        letters = select(Complaint.code, Evidence.body).join(Evidence, Evidence.complaint_id == Complaint.id)
        told = session.execute(letters.where(Evidence.body.contains("Trân trọng"))).all()
        unused = answer_texts.every(session).keys() - uses.keys()
    assert not unused
    assert {step for use in uses.values() for step in use.steps} == set(TELLING)
    assert all(use.times > use.recent > 0 for use in uses.values())
    assert any(use.changed for use in uses.values()) and any(use.changed < use.times for use in uses.values())
    assert len(told) > 100
    for code, body in told:
        assert body and code in body and not answer_text.left_open(body), body
