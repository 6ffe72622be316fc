"""Every state, step, field, role, segment and verdict through everything that must know it, naming what forgot one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from core import shipped
from core.errors import Invalid
from core.register.api import keys as api_keys
from core.register.case import steps as recordings
from core.register.case.payload import Row
from core.register.case.steps.recording import Situation, StepFields
from core.register.people import accounts
from core.register.reads import followed
from core.rules import rights, roles, routes, segments
from core.rules.issues import Issue
from core.rules.steps import EFFECTS, OTHER_EVENTS, STATES, STEPS, TOGETHER, Department, Phase, State, Step
from core.rules.verdicts import Verdict
from core.ui import badges, pages, steps
from core.ui.steps import together

ROOT = Path(__file__).parents[1]
LANGUAGES = ("vi", "en")
AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def names() -> dict[str, set[tuple[str, str]]]:
    """Language → (vocabulary, key) of every name in its catalogue."""
    found = {}
    for language in LANGUAGES:
        with (ROOT / "core" / "locale" / language / "names.po").open("rb") as lines:
            messages = [message for message in read_po(lines, locale=language) if message.id and message.string]
        found[language] = {(str(message.context), str(message.id)) for message in messages}
    return found


def unnamed(vocabulary: str, keys: Iterator[str] | tuple[str, ...] | Mapping[str, object]) -> Iterator[str]:
    """The keys that a language has no name for."""
    known = names()
    for key in keys:
        for language in LANGUAGES:
            if (vocabulary, str(key)) not in known[language]:
                yield f"core/locale/{language}/names.po: {vocabulary} “{key}” has no name"


class Asked(dict[str, object]):
    """Fields of a form that remember which of them a check looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: object = None) -> object:
        self.names.add(name)
        return default


def row_in(step: Step) -> Row:
    """A complaint in a state from which ``step`` is possible, whose promises were broken and whose department owes."""
    state = min(step.from_states)
    row: dict[str, Any] = dict.fromkeys(Row.__annotations__)
    row |= {"state": state.value, "requests": (), "reopened": 0, "rounds": 1, "channel": "", "category": ""}
    row["issues"] = (Issue(2, "content"),)
    return row  # type: ignore[return-value] # a row of nothing


def fields_read(step: Step) -> set[str]:
    """The fields that the register's check of ``step`` looks at; it refuses, since nothing is filled in."""
    asked = Asked()
    row, misa = row_in(step), shipped.procedure("misa")
    situation = Situation(row, misa, shipped.catalogues(), AT, {"resolve.1": None})
    try:
        recordings.RECORDINGS[step.key].check(situation, asked)  # type: ignore[arg-type] # stands in for StepFields
    except Invalid:
        return asked.names
    return asked.names | {"files"}  # read at the end, where nothing was refused


def forgotten_steps() -> Iterator[str]:
    """What each floor forgot of a step."""
    for step in STEPS.values():
        yield from _in_rules(step)
        if step.key not in recordings.RECORDINGS:
            yield f"core/register/case/steps: {step.key} has no check"
        else:
            yield from _in_register(step)
        if step.key not in steps.VIEWS:
            yield f"core/ui/steps: {step.key} has no form"
        is_told = not step.beside and not step.conciliates and step.department not in routes.NOT_TOLD
        if is_told and step.key not in routes.OF_TWO and step.key not in routes.IMPORTABLE:
            yield f"core/rules/routes.py: no history can tell {step.key}"
    for key in (*recordings.RECORDINGS, *steps.VIEWS):
        if key not in STEPS:
            yield f"core/rules/steps.py: {key} is known above and not declared"
    yield from unnamed("step", (*STEPS, *TOGETHER))
    for key in TOGETHER:
        if key not in together.FORMS:
            yield f"core/ui/steps/together.py: {key} has no form"
    yield from unnamed("what is final", tuple(key for key, step in STEPS.items() if step.final))
    yield from unnamed("mail subject", tuple(key for key, step in STEPS.items() if "mail" in step.field_names()))
    yield from unnamed("event", tuple(step.event for step in STEPS.values()))


def _in_rules(step: Step) -> Iterator[str]:
    for role in step.by - set(roles.ROLES):
        yield f"core/rules/steps.py: {step.key} is for {role}, which is no role"
    for role in (step.open_for | step.replying) - step.by:
        yield f"core/rules/steps.py: {step.key} limits {role}, which may not take it at all"
    if not step.from_states:
        yield f"core/rules/steps.py: {step.key} is possible nowhere"
    if step.event not in EFFECTS:
        yield f"core/rules/steps.py: {step.event} has no effect on clocks, not even none"


def _in_register(step: Step) -> Iterator[str]:
    for name in step.field_names() - set(StepFields.__annotations__):
        yield f"core/register/case/steps/recording.py: StepFields has no {name}, which {step.key} carries"
    read = fields_read(step)
    needed = {carried.name for carried in step.carries if carried.name != "files"}
    for name in needed - read:
        yield f"core/register/case/steps: {step.key} does not check {name}"
    for name in read - step.field_names() - {"files"}:
        yield f"core/rules/steps.py: {step.key} does not carry {name}, which its check reads"


def forgotten_states() -> Iterator[str]:
    """What each floor forgot of a state, or of a phase of the procedure."""
    led_to = {State.received}
    for step in STEPS.values():
        led_to |= {step.leads_to(state) for state in step.from_states}
    told = {place.state for place in reached(routes.START, routes.IMPORTABLE)}
    staged = {place.state for places in routes.STAGES.values() for place in places}
    for state in State:
        if state not in STATES:
            yield f"core/rules/steps.py: {state} has no standing"
        if state not in led_to:
            yield f"core/rules/steps.py: no step leads to {state}"
        if state not in steps.STATE_BADGES:
            yield f"core/ui/steps: {state} has no badge"
        if state not in followed.STANDINGS:
            yield f"core/register/reads/followed.py: {state} has no words for the customer"
        if state in told and state not in staged:
            yield f"core/rules/routes.py: no stage of a history stands for {state}"
    yield from _stuck()
    yield from unnamed("state", tuple(state.value for state in State))
    yield from unnamed("standing", tuple(dict.fromkeys(followed.STANDINGS.values())))
    yield from unnamed("phase", tuple(phase.value for phase in Phase))


def _stuck() -> Iterator[str]:
    """States in which a complaint stays for ever, and those that say nothing of what comes next."""
    for state, standing in STATES.items():
        if standing.next_phase and not any(place.state is State.closed for place in reached(routes.Place(state))):
            yield f"core/rules/steps.py: no way leads from {state} to the end"
        if not any(state in step.likely for step in STEPS.values()):
            yield f"core/rules/steps.py: no step is likely in {state}"
    answers = [step for step in STEPS.values() if step.department is Department.ANSWERS]
    for place in reached(routes.START):
        if place.state is State.merged:
            continue  # nothing is merged while a department owes an answer
        if place.department_owes and not any(place.state in step.from_states for step in answers):
            yield f"core/rules/steps.py: no department can answer in {place.state}"


def reached(start: routes.Place, keys: Collection[str] = tuple(STEPS)) -> list[routes.Place]:
    """Every place that some order of the steps ``keys`` leads to from ``start``."""
    found = [start]
    for place in found:  # grows while it is walked
        for key, step in STEPS.items():
            if key in keys and place.state in step.from_states and (after := routes.after(place, key)) not in found:
                found.append(after)
    return found


def written_events() -> set[str]:
    """The kinds of event that the register itself writes to a complaint: ``case.add(session, "received", …)``."""
    found = set()
    for file in (ROOT / "core" / "register").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add":
                found |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    return {kind for kind in found if isinstance(kind, str)}


def forgotten_events() -> Iterator[str]:
    """Events without a step that the timeline cannot show."""
    for kind in sorted(written_events()):
        if kind not in OTHER_EVENTS:
            yield f"core/rules/steps.py: {kind} is written and not among OTHER_EVENTS"
        if kind not in steps.OTHER_EVENTS:
            yield f"core/ui/steps: the timeline does not know {kind}"
    yield from unnamed("event", tuple(sorted(written_events())))


def forgotten_roles() -> Iterator[str]:
    """Pages, actions and words of roles, and what happens to accounts."""
    for role in roles.ROLES.values():
        for page in role.pages - set(roles.PAGES):
            yield f"core/rules/roles.py: {role.key} opens {page}, which is no page"
        for action in role.actions - set(roles.ACTIONS):
            yield f"core/rules/roles.py: {role.key} may {action}, which is no action"
    for page in set(roles.PAGES) ^ {entry.key for entry in pages.PAGES}:
        yield f"core/rules/roles.py and core/ui: only one of them knows the page {page}"
    for page in roles.PAGES:
        if not any(page in role.pages for role in roles.ROLES.values()):
            yield f"core/rules/roles.py: nobody opens {page}"
    yield from unnamed("role", roles.ROLES)
    yield from unnamed("right", (*rights.SIGHT, *roles.ACTIONS))
    yield from unnamed("account event", accounts.EVENTS)
    yield from unnamed("api scope", api_keys.SCOPES)


def forgotten_words() -> Iterator[str]:
    """Segments and verdicts."""
    yield from unnamed("segment", segments.SEGMENTS)
    yield from unnamed("nothing in segment", segments.SEGMENTS)
    yield from unnamed("nothing in segment of a department", ("all",))
    verdicts = tuple(verdict.value for verdict in Verdict)
    yield from unnamed("verdict", verdicts)
    yield from unnamed("verdict of a clock", verdicts)
    for verdict in set(verdicts) - set(badges.VERDICT_BADGES):
        yield f"core/ui/badges.py: {verdict} has no badge"


CHECKS = (forgotten_steps, forgotten_states, forgotten_events, forgotten_roles, forgotten_words)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_no_floor_forgot_anything(check: Callable[[], Iterator[str]]) -> None:
    missing = list(check())
    assert not missing, "\n".join(missing)


def test_both_languages_name_the_same_keys() -> None:
    known = names()
    assert known["vi"] == known["en"]


def without(table: Mapping[Any, Any], key: object) -> dict[Any, Any]:
    return {name: value for name, value in table.items() if name != key}


def _without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    known = names()
    thinned = {language: known[language] - {("role", "lead")} for language in LANGUAGES}
    monkeypatch.setattr("tests.test_consumers.names", lambda: thinned)


# ruff: disable[E501]
FORGOTTEN = [
    # check, where something is taken away, what is said, why
    ("forgotten_steps", (recordings, "RECORDINGS", "forward"), "forward has no check", "a step nobody can record"),
    ("forgotten_steps", (steps, "VIEWS", "forward"), "forward has no form", "a step nobody can take"),
    ("forgotten_states", (steps, "STATE_BADGES", "resolved"), "resolved has no badge", "a state shown as a raw key"),
    ("forgotten_events", (steps, "OTHER_EVENTS", "received"), "timeline does not know received", "an event without a line"),
    ("forgotten_words", (badges, "VERDICT_BADGES", "met"), "met has no badge", "a verdict without colour and shape"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("check", "taken", "said", "why"), FORGOTTEN, ids=[row[-1] for row in FORGOTTEN])
def test_what_is_forgotten_is_said(
    monkeypatch: pytest.MonkeyPatch, check: str, taken: tuple[Any, str, str], said: str, why: str
) -> None:
    where, table, key = taken
    monkeypatch.setattr(where, table, without(getattr(where, table), key))
    assert any(said in line for line in globals()[check]()), why


STUCK = [
    # step taken away, what is said, why
    ("acknowledge", "no step is likely in received", "the form would open with whatever the table names first"),
    ("close", "no way leads from resolved to the end", "a complaint nobody can close"),
    ("answer", "no department can answer in investigating", "an answer that is owed for ever"),
]


@pytest.mark.parametrize(("taken", "said", "why"), STUCK, ids=[row[-1] for row in STUCK])
def test_a_state_without_a_way_on_is_said(monkeypatch: pytest.MonkeyPatch, taken: str, said: str, why: str) -> None:
    monkeypatch.setattr("tests.test_consumers.STEPS", without(STEPS, taken))
    assert any(said in line for line in forgotten_states()), why


def test_a_key_without_a_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_a_name(monkeypatch)
    assert any("role “lead” has no name" in line for line in forgotten_roles())


def test_a_field_that_the_check_does_not_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = recordings.RECORDINGS["note"]
    monkeypatch.setattr(recordings, "RECORDINGS", {**recordings.RECORDINGS, "forward": lazy})
    complaints = list(forgotten_steps())
    assert any("forward does not check department" in line for line in complaints)
