"""A hypothesis in an address or a command: read, written back, refused with a sentence (D37)."""

from __future__ import annotations

from datetime import date, time

import pytest

from core import shipped
from core.errors import Invalid
from core.insight import hypotheses
from core.insight.hypotheses import BOTH, DAYS_RULE, HOURS_RULE, NEVER_OPEN, OVERLAP, SHARE_RULE, TERM_RULE, TOO_LONG
from core.insight.whatif import Hypothesis, Length
from core.rules.procedure import AfterHours, Unit

POPS = shipped.procedure("pops")
OFFICE = ((time(8, 30), time(17, 30)),)
MORNING = ((time(8, 30), time(12)),)
LUNCH = ((time(8), time(12)), (time(13, 30), time(17, 30)))

READ = [
    # given, hypothesis, why
    ({}, Hypothesis("pops"), "nothing is supposed"),
    ({"terms": "resolve:3:working_day"}, Hypothesis("pops", (("resolve", Length(3, Unit.WORKING_DAY)),)), "one term"),
    (
        {"terms": "resolve:48:hour:same_day, acknowledge:90:working_minute"},
        Hypothesis(
            "pops",
            (("acknowledge", Length(90, Unit.WORKING_MINUTE)), ("resolve", Length(48, Unit.HOUR, AfterHours.SAME_DAY))),
        ),
        "two, in the order of the procedure",
    ),
    ({"hours": "saturday=08:30-12:00"}, Hypothesis("pops", week=(*(OFFICE,) * 5, MORNING, ())), "one more morning"),
    (
        {"hours": "monday=;friday=08:00-12:00, 13:30-17:30"},
        Hypothesis("pops", week=((), *(OFFICE,) * 3, LUNCH, (), ())),
        "a day closed, another with a lunch",
    ),
    ({"hours": "monday=08:30-17:30"}, Hypothesis("pops"), "what is so anyway is not supposed"),
    (
        {"off": "2026-11-20, 19/11/2026,2026-11-19", "worked": "21/11/2026"},
        Hypothesis("pops", off=(date(2026, 11, 19), date(2026, 11, 20)), worked=(date(2026, 11, 21),)),
        "days in both ways, each once, in order",
    ),
    ({"share": "92,5"}, Hypothesis("pops", share=0.925), "a decimal comma"),
]
REFUSED = [
    # given, field, sentence, why
    ({"terms": "resolve:0:working_day"}, "terms", TERM_RULE, "no time at all"),
    ({"terms": "resolve:-1:hour"}, "terms", TERM_RULE, "less than none"),
    ({"terms": "resolve:1.5:hour"}, "terms", TERM_RULE, "no whole number"),
    ({"terms": "resolve:٣:hour"}, "terms", TERM_RULE, "digits of another script"),
    ({"terms": "reply:3:working_day"}, "terms", TERM_RULE, "a term of another procedure"),
    ({"terms": "resolve:3:week"}, "terms", TERM_RULE, "no unit"),
    ({"terms": "resolve:3"}, "terms", TERM_RULE, "no unit said"),
    ({"terms": "resolve:3:hour:later"}, "terms", TERM_RULE, "nothing that becomes of what arrives at night"),
    ({"terms": "resolve:401:working_day"}, "terms", TOO_LONG, "longer than a form takes"),
    ({"hours": "saturday=8h"}, "hours.saturday", HOURS_RULE, "no hours"),
    ({"hours": "saturday=12:00-08:30"}, "hours.saturday", OVERLAP, "closes before it opens"),
    ({"hours": "samstag=08:30-12:00"}, "hours", HOURS_RULE, "no day of the week"),
    ({"hours": "08:30-12:00"}, "hours", HOURS_RULE, "no day said"),
    ({"hours": "monday=;tuesday=;wednesday=;thursday=;friday="}, "hours", NEVER_OPEN, "never open"),
    ({"off": "31/02/2026"}, "off", DAYS_RULE, "no such day"),
    ({"worked": "mai"}, "worked", DAYS_RULE, "a word"),
    ({"off": "2026-11-19", "worked": "2026-11-19"}, "worked", BOTH, "off and worked"),
    ({"share": "0"}, "share", SHARE_RULE, "nothing to reach"),
    ({"share": "100"}, "share", SHARE_RULE, "a target is below all"),
    ({"share": "nan"}, "share", SHARE_RULE, "no number"),
]


@pytest.mark.parametrize(("given", "wanted", "why"), READ, ids=[row[-1] for row in READ])
def test_what_is_said_is_supposed(given: dict[str, str], wanted: Hypothesis, why: str) -> None:
    found = hypotheses.read(given, POPS)
    assert (found.hypothesis, dict(found.problems)) == (wanted, {}), why
    again = hypotheses.read(hypotheses.as_query(found.hypothesis, POPS), POPS)
    assert again.hypothesis == wanted, "written back, it says the same"


@pytest.mark.parametrize(("given", "field", "sentence", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_cannot_be_is_refused_with_a_sentence(given: dict[str, str], field: str, sentence: str, why: str) -> None:
    assert dict(hypotheses.read(given, POPS).problems) == {field: sentence}, why
    with pytest.raises(Invalid) as refused:
        hypotheses.checked(given, POPS)
    assert refused.value.template == sentence


def test_a_changed_procedure_is_supposed_whole() -> None:
    supposed = Hypothesis.of(POPS)
    assert hypotheses.as_query(supposed, POPS) == {}, "as it is, nothing is otherwise"
    assert dict(supposed.terms)["resolve"] == Length(5, Unit.WORKING_DAY, AfterHours.NEXT_OPEN)
