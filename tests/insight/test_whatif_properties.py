"""What-if over random histories, by random terms and calendars: the same as folding each history anew (D37)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core import shipped
from core.insight import whatif
from core.insight.filters import Filter
from core.insight.whatif import Hypothesis, Length
from core.rules.calendar import LOCAL
from core.rules.clocks import ClockPayload, Occurrence
from core.rules.days import Intervals
from core.rules.procedure import AfterHours, Procedure, Unit
from core.rules.verdicts import FELL_DUE
from tests.insight.replayed import History, Promised, facts_of, one_by_one

MONDAY = datetime(2026, 11, 2, tzinfo=LOCAL)
NOW = datetime(2026, 11, 27, 15, 0, tzinfo=LOCAL).astimezone(UTC)
PERIOD = Filter(date(2026, 11, 1), date(2026, 11, 30))
MOST = {Unit.WORKING_DAY: 15, Unit.CALENDAR_DAY: 20, Unit.HOUR: 200, Unit.WORKING_MINUTE: 3000}
OFFICE = ((time(8, 30), time(17, 30)),)
LUNCH = ((time(8), time(12)), (time(13, 30), time(18)))
NIGHT = ((time(0), time(6)), (time(20), time(0)))
WEEKS: tuple[tuple[Intervals, ...] | None, ...] = (
    None,
    (LUNCH,) * 5 + ((), ()),
    (OFFICE,) * 6 + ((),),
    (NIGHT, OFFICE, OFFICE, (), LUNCH, NIGHT, ()),
)
days = st.lists(st.dates(date(2026, 10, 30), date(2026, 12, 4)), max_size=3, unique=True).map(tuple)


@st.composite
def lengths(draw: st.DrawFn) -> Length:
    unit = draw(st.sampled_from(list(Unit)))
    return Length(draw(st.integers(1, MOST[unit])), unit, draw(st.sampled_from(list(AfterHours))))


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """POPS with terms of any kind, pausing while the customer is asked or not."""
    pops = shipped.procedure("pops")
    drawn = Hypothesis("pops", tuple((term.key, draw(lengths())) for term in pops.terms))
    pauses = draw(st.sampled_from(((), ("waiting_customer",))))
    return replace(pops, terms=tuple(drawn.term(term) for term in pops.terms), pause_on=pauses)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A complaint at any hour of the day, in any order that the register could hold."""
    minutes = draw(st.lists(st.integers(0, 24 * 60 * 24), min_size=2, max_size=9, unique=True))
    times = [(MONDAY + timedelta(minutes=minute)).astimezone(UTC) for minute in sorted(minutes)]
    events, is_gone, is_acknowledged = [Occurrence("received", times[0])], False, False
    for at in times[1:]:
        if is_gone:
            kinds = ["reopened"]
        else:
            kinds = [
                "customer_asked",
                "customer_replied",
                "result_notified",
                "closed",
                "withdrawn",
                "negotiation_requested",
            ]
            kinds += [] if is_acknowledged else ["acknowledged"] * 6
        kind = draw(st.sampled_from(kinds))
        is_gone, is_acknowledged = kind in ("closed", "withdrawn"), is_acknowledged or kind == "acknowledged"
        payload = ClockPayload()
        if kind == "withdrawn":
            payload = ClockPayload(keeps_due=True)
        if kind == "customer_asked":
            chased = at.astimezone(LOCAL).date() + timedelta(days=draw(st.integers(0, 6)))
            payload = ClockPayload(chase_on=chased.isoformat())
        events.append(Occurrence(kind, at, payload))
    return events


@st.composite
def hypotheses(draw: st.DrawFn) -> Hypothesis:
    terms = draw(st.lists(st.sampled_from(("acknowledge", "resolve")), unique=True))
    lengths_of = tuple((key, draw(lengths())) for key in terms)
    off, worked = draw(days), draw(days)
    share = draw(st.sampled_from((0.05, 0.5, 0.8, 0.95)))
    return Hypothesis("pops", lengths_of, draw(st.sampled_from(WEEKS)), off, worked, share)


@settings(max_examples=150)
@given(procedures(), st.lists(histories(), min_size=1, max_size=8), hypotheses())
def test_every_verdict_is_that_of_the_history_folded_anew(
    promised: Procedure, register: list[History], wanted: Hypothesis
) -> None:
    found = whatif.judged(facts_of(promised, register), PERIOD, wanted, NOW, Promised(promised, register), promised)
    names = ("due_at", "due_then", "verdict", "verdict_then")
    told = {
        (row["complaint_id"], row["term"], row["number"]): tuple(row[name] for name in names)
        for row in found.iter_rows(named=True)
    }
    assert told == one_by_one(promised, register, wanted, NOW, PERIOD)


@settings(max_examples=60)
@given(procedures(), st.lists(histories(), min_size=1, max_size=6), hypotheses())
def test_the_term_that_reaches_the_target_is_the_smallest_that_does(
    promised: Procedure, register: list[History], wanted: Hypothesis
) -> None:
    rules = Promised(promised, register)
    answer = whatif.ask(facts_of(promised, register), PERIOD, wanted, NOW, rules, promised)
    for term in promised.terms:
        reach = answer.reach.get(term.key)
        if reach is None:
            continue
        measure = wanted.term(term)
        last = reach.amount or MOST[measure.unit] * 2
        amounts = range(1, last + 1) if last < 60 else sorted({1, 2, last // 2, last - 2, last - 1, last})
        for amount in amounts:
            tried = replace(wanted, terms=((term.key, Length(amount, measure.unit, measure.after_hours)),))
            tried = replace(tried, terms=tuple(({**dict(wanted.terms), **dict(tried.terms)}).items()))
            each = one_by_one(promised, register, tried, NOW, PERIOD)
            judged = [then for (_id, key, _n), (*_, then) in each.items() if key == term.key]
            due = sum(one in FELL_DUE for one in judged)
            met = judged.count("met")
            is_enough = due > 0 and met >= due * reach.wanted - 1e-9
            assert is_enough == (amount == reach.amount), (term.key, amount, met, due)
            if is_enough:
                assert (reach.met, reach.due) == (met, due)
