"""Every figure by name (D15): one question, one definition, what its share is of, and which rows it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.insight import contents, dimensions, endings, exposure, flow, promises, repeats, restated, times, walked
from core.insight.asked import asked_once
from core.insight.dimensions import Counted
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.insight.tally import BUCKETS, PERSON, Asked
from core.rules.calendar import local_day
from core.rules.procedure import DATES
from core.rules.verdicts import BROKEN, FELL_DUE, Verdict

SHARE, RATE, ALL = "share", "per_thousand", "all"
CASES = (
    "procedure", "category", "subcategory", "channel", "department", "level", "kind", "product", "platform", "branch",
    "state", "outcome", "root_cause", PERSON, *BUCKETS,
)  # fmt: skip
"""By what figures of complaints are split."""
CLOCKS = (*dimensions.CARRIED, *BUCKETS)
"""By what figures of clocks are split."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    ``title``, ``definition``: English, translated where they are shown; the definition is its help on a screen too.
    ``columns``: name → unit, in their order, after those it is split by. ``share``: (numerator, denominator), columns
    of its own; the column ``quotient`` is the one ÷ the other.
    ``by``: what it may be split by, at most ``most`` at once;
    the choices of the categories too where ``chooses``. ``opens``: what names its rows (fields of ``Slice``) and the
    column that counts them; None where no list shows such rows. ``parts``: other columns that count rows → what names
    theirs besides. ``each``: answers several splits at once, of those that ``Asked`` names all, where that is faster.
    """

    title: str
    definition: str
    answer: Callable[[Asked], pd.DataFrame]
    columns: Mapping[str, str]
    share: tuple[str, str] | None = None
    by: tuple[str, ...] = CASES
    most: int = 3
    chooses: bool = True
    opens: tuple[Mapping[str, object], str] | None = None
    quotient: str = SHARE
    parts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    each: Callable[[Asked, Sequence[tuple[str, ...]]], list[pd.DataFrame]] | None = None

    def slice(self, filter: Filter) -> Slice | None:
        """The rows that it counts."""
        return Slice(filter, **self.opens[0]) if self.opens else None  # type: ignore[arg-type]

    def counted(self, column: str, filter: Filter) -> Slice | None:
        """Exactly the rows that a column counts; None where no list shows them."""
        if self.opens is None or column not in self.counted_columns:
            return None
        return Slice(filter, **{**self.opens[0], **self.parts.get(column, {})})  # type: ignore[arg-type]

    @property
    def counted_columns(self) -> tuple[str, ...]:
        """The columns whose rows a list shows: 0 where a cell has none."""
        return (self.opens[1], *self.parts) if self.opens else ()

    @property
    def number(self) -> str:
        """The column that says most: its share (not one of all that was counted), else the median, else the first."""
        own = [self.quotient] if self.share and self.share[1] != ALL else []
        return next(name for name in [*own, "median", *self.columns] if name in self.columns)

    @property
    def of(self) -> str:
        """The column that says of how many: the denominator of its share, else the first, which counts."""
        if self.share and self.quotient == SHARE and self.share[1] != ALL:
            return self.share[1]
        return next(iter(self.columns))

    def splits(self, counted: Counted) -> tuple[str, ...]:
        """By what it may be split, where figures count by these lists."""
        return (*self.by, *counted.choices) if self.chooses else self.by


class Coverage(NamedTuple):
    """Of when the register has complaints: the first local day with one, None while there is none."""

    since: date | None
    until: date
    complaints: int

    def covers(self, period: Filter) -> bool:
        """Whether the register has complaints from before the period on."""
        return self.since is not None and self.since <= period.start


def _columns(unit: str, *names: str, **others: str) -> dict[str, str]:
    return {**dict.fromkeys(names, unit), **others}


def _of(**names: object) -> Mapping[str, object]:
    return MappingProxyType(names)


def _parts(**columns: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    return MappingProxyType(columns)


VERDICT_PARTS = _parts(**{verdict.value: _of(verdict=(verdict.value,)) for verdict in Verdict})


def _in_time(stage: str, title: str, definition: str) -> Figure:
    return Figure(
        title,
        definition,
        partial(promises.kept, stage=stage),
        _columns("promises", "due", "met", "missed", "overdue", "running", "cancelled", share=SHARE),
        ("met", "due"),
        by=(*CLOCKS, "breach_reason"),
        opens=(_of(of="due", stage=stage, verdict=FELL_DUE), "due"),
        parts=VERDICT_PARTS,
    )


def _hours(stage: str, title: str, definition: str) -> Figure:
    return Figure(
        title,
        definition,
        partial(promises.took, stage=stage),
        {"count": "promises", **_columns("working hours", "hours", "median", "p90")},
        by=CLOCKS,
        opens=(_of(of="due", stage=stage, stopped=True), "count"),
    )


def _per_thousand(measure: str, title: str, definition: str) -> Figure:
    return Figure(
        title,
        definition,
        partial(exposure.per_thousand, measure=measure),
        {"count": "complaints", "served": measure, RATE: f"complaints per 1,000 {measure} and month"},
        ("count", "served"),
        by=(*(name for name in CASES if name not in ("day", "week")),),
        quotient=RATE,
    )


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "volume": Figure(
            N_("Complaints recorded"),
            N_(
                "Complaints and inquiries recorded in the period, each once: one with several issues by its first. "
                "Withdrawn and merged ones are in it."
            ),
            flow.recorded,
            _columns("complaints", "count", "all", share=SHARE),
            ("count", "all"),
            opens=(_of(), "count"),
        ),
        "resolve_in_time": _in_time(
            "resolve",
            N_("Result in time"),
            N_(
                "Of the results that fell due in the period: told in time ÷ (in time + late + overdue). Those not yet "
                "due, and those withdrawn or merged before they were due, are not in it."
            ),
        ),
        "acknowledge_in_time": _in_time(
            "acknowledge",
            N_("Acknowledged in time"),
            N_(
                "Of the acknowledgements that fell due in the period: given in time ÷ (in time + late + overdue). "
                "Those not yet due, and those withdrawn or merged before they were due, are not in it."
            ),
        ),
        "prevent_in_time": _in_time(
            "prevent",
            N_("Analysed in time"),
            N_(
                "Of the analyses of root causes that fell due in the period: written in time ÷ (in time + late + "
                "overdue)."
            ),
        ),
        "negotiate_in_time": _in_time(
            "negotiate",
            N_("Negotiations ended in time"),
            N_(
                "Of the negotiations that customers asked for and whose statutory term ended in the period: ended in "
                "time ÷ (in time + late + overdue)."
            ),
        ),
        "dates_in_time": _in_time(
            DATES,
            N_("Promised dates kept"),
            N_(
                "Of the dates promised to customers that lay in the period: kept ÷ (kept + late + overdue). Those not "
                "yet due, and those withdrawn or merged before they were due, are not in it."
            ),
        ),
        "restated": Figure(
            N_("Restated by corrections"),
            N_(
                "Of each promise whose verdicts or deadlines in the period corrections changed after they were given: "
                "in time ÷ fell due, before and now. Before: each corrected promise with the verdict and the deadline "
                "it had when it was first corrected. Then how many were corrected, and how many fall due in another "
                "period now."
            ),
            restated.per_promise,
            {
                "stage": "key",
                **_columns("promises", "due_before", "met_before", share_before=SHARE),
                **_columns("promises", "due", "met", share=SHARE),
                **_columns("promises", "obligations", "left"),
            },
            ("met", "due"),
            by=(),
            chooses=False,
            opens=(_of(of="due", verdict=FELL_DUE, restated=True), ""),
        ),
        "first_go": Figure(
            N_("First go in time"),
            N_("Of the first results that fell due in the period, before any re-opening: told in time ÷ all of them."),
            promises.first_go,
            _columns("promises", "first", "first_met", share=SHARE),
            ("first_met", "first"),
            by=CLOCKS,
            opens=(_of(of="due", stage="resolve", verdict=FELL_DUE, first=True), "first"),
            parts=_parts(first_met=_of(verdict=(Verdict.MET.value,))),
        ),
        "ever_late": Figure(
            N_("Ever late"),
            N_(
                "Of the complaints with a result that fell due in the period, each once: those of which any such "
                "result, also after a re-opening, was late or is overdue."
            ),
            promises.ever_late,
            _columns("complaints", "complaints", "breached", share=SHARE),
            ("breached", "complaints"),
            by=CLOCKS,
            opens=(_of(of="due", stage="resolve", verdict=BROKEN), ""),
        ),
        "acknowledge_hours": _hours(
            "acknowledge",
            N_("Hours to the acknowledgement"),
            N_(
                "Open hours from recorded to acknowledged, of the acknowledgements due in the period that were given: "
                "median, and what nine of ten took at most."
            ),
        ),
        "resolve_hours": _hours(
            "resolve",
            N_("Hours to the result"),
            N_(
                "Open hours from first acknowledged to result told, of the results due in the period that were told: "
                "median, and what nine of ten took at most."
            ),
        ),
        "time_spent": Figure(
            N_("Where the time goes"),
            N_(
                "Open hours that cases spent waiting for us, for a department or for the customer, in each phase, "
                "with each person: of the stretches that ended in the period, added up per complaint. What a "
                "department owes comes before what the customer owes."
            ),
            times.spent,
            {"count": "complaints", **_columns("working hours", "hours", "median", "p90", "all"), SHARE: SHARE},
            ("hours", "all"),
            by=(times.WAITING, times.PHASE, *CASES),
            each=times.spent_each,
        ),
        "department_hours": Figure(
            N_("Hours with departments"),
            N_(
                "Open hours from when a department was asked until it answered or nobody waited any more, of the "
                "questions for which that was in the period: median, and what nine of ten took at most."
            ),
            times.departments_took,
            {"count": "requests", **_columns("working hours", "hours", "median", "p90")},
            by=CLOCKS,
        ),
        "misses_explained": Figure(
            N_("Misses explained"),
            N_("Of the promises that fell due in the period and were late or are overdue: those with a reason."),
            promises.reasons,
            _columns("promises", "count", "explained", share=SHARE),
            ("explained", "count"),
            by=(*CLOCKS, "breach_reason", "stage"),
            opens=(_of(of="due", verdict=BROKEN), "count"),
        ),
        "department_answers": Figure(
            N_("Answers of departments in time"),
            N_(
                "Of the answers that departments owed in the period: in time ÷ (in time + late + overdue). What was "
                "taken back, returned or no longer needed before it was late is not in it. No promise to a customer "
                "is counted here."
            ),
            promises.answered,
            _columns("answers", "due", "met", "missed", "overdue", "running", "cancelled", share=SHARE),
            ("met", "due"),
            by=CLOCKS,
            opens=(_of(of="asked", verdict=FELL_DUE), "due"),
            parts=VERDICT_PARTS,
        ),
        "backlog": Figure(
            N_("Open now"),
            N_(
                "Complaints that are open, whatever the period, and those of them with a promised time that has passed."
            ),
            flow.open_now,
            _columns("complaints", "open", "overdue", share=SHARE),
            ("overdue", "open"),
            by=(*(name for name in CASES if name not in BUCKETS),),  # it is as of now
            opens=(_of(of="open"), "open"),
            parts=_parts(overdue=_of(segment="overdue")),
        ),
        "ageing": Figure(
            N_("Age of what is open"),
            N_("Open complaints by days since they were recorded, whatever the period."),
            flow.ages,
            {"age": "days", **_columns("complaints", "open", "overdue", share=SHARE)},
            ("overdue", "open"),
            by=(),
            chooses=False,
            opens=(_of(of="open"), "open"),
        ),
        "flow": Figure(
            N_("Received, ended, open"),
            N_(
                "Complaints recorded in the period, those that ended in it (closed, withdrawn or merged), and those "
                "open when it, or each stretch of it, ended. A complaint opened again counts as open since it was "
                "recorded."
            ),
            flow.cumulative,
            _columns("complaints", "recorded", "ended", "open"),
            most=1,
            opens=(_of(), ""),
        ),
        "outcomes": Figure(
            N_("Outcomes"),
            N_("Cases that were closed or withdrawn in the period, each once: one with several issues by its first."),
            endings.outcomes,
            _columns("complaints", "count", "all", share=SHARE),
            ("count", "all"),
            opens=(_of(of="closed", which="ended"), "count"),
        ),
        "upheld": Figure(
            N_("Customer was right"),
            N_(
                "Of the complaints closed in the period as upheld, partly upheld or rejected: those upheld or partly "
                "upheld."
            ),
            endings.upheld,
            _columns("complaints", "decided", "upheld", share=SHARE),
            ("upheld", "decided"),
            opens=(_of(of="closed", which="decided"), "decided"),
            parts=_parts(upheld=_of(which="upheld")),
        ),
        "causes": Figure(
            N_("Causes of what was closed"),
            N_(
                "Complaints closed in the period by the root cause written at closing, each once: one with several "
                "issues by its first. Withdrawn ones are not in it."
            ),
            endings.stated_causes,
            _columns("complaints", "count", "all", share=SHARE),
            ("count", "all"),
            opens=(_of(of="closed"), "count"),
        ),
        "causes_risen": Figure(
            N_("Causes that rose"),
            N_(
                "Each stated cause of what was closed in the period against the period of equal length before: the "
                "ratio of both rates per open hour (1: as before), its 95 % interval, the chance of a rise as large if "
                "nothing had changed, and whether it rose (below 5 % after a guard for looking at all causes at once). "
                "Empty where the register does not cover the period before."
            ),
            endings.risen_causes,
            {
                "root_cause": "key",
                **_columns("complaints", "count", "before"),
                **_columns("ratio", "ratio", "low", "high"),
                **_columns("chance", "p", "adjusted"),
                "rose": "0 or 1",
            },
            by=(),
            chooses=False,
            opens=(_of(of="closed"), ""),
        ),
        "rounds": Figure(
            N_("Conciliated more than once"),
            N_(
                "Of the complaints recorded in the period to whose customer a remedy was proposed: how many proposals "
                "were made, and the share with more than one."
            ),
            endings.rounds,
            _columns("complaints", "conciliated", rounds="proposals", several="complaints", share=SHARE),
            ("several", "conciliated"),
            opens=(_of(which="proposed"), "conciliated"),
            parts=_parts(several=_of(which="proposed_again")),
        ),
        "refusals": Figure(
            N_("Proposals refused"),
            N_("Of the proposals made to the customers of the complaints recorded in the period: those they refused."),
            endings.refusals,
            _columns("proposals", "proposals", "refused", share=SHARE),
            ("refused", "proposals"),
            opens=(_of(), ""),
        ),
        "reopened": Figure(
            N_("Opened again"),
            N_(
                "Of the complaints recorded in the period that have ended at least once, those that were opened again "
                "at least once."
            ),
            endings.reopened,
            _columns("complaints", "ended", "reopened", share=SHARE),
            ("reopened", "ended"),
            opens=(_of(which="ended_once"), "ended"),
            parts=_parts(reopened=_of(which="reopened")),
        ),
        "issues": Figure(
            N_("Issues"),
            N_(
                "All issues of the complaints recorded in the period, each under its own category, outcome and cause; "
                "a case with three issues counts three times."
            ),
            contents.issues,
            {"count": "issues", "complaints": "complaints", "all": "issues", SHARE: SHARE},
            ("count", "all"),
            opens=(_of(), ""),
        ),
        "repeats": Figure(
            N_("Complained again"),
            N_(
                "Of the complaints recorded in the period by customers who are known: those whose customer had "
                "another one recorded in the 90 days before it, whatever it was about. Merged ones are in neither."
            ),
            repeats.complained_again,
            _columns("complaints", "known", "again", share=SHARE),
            ("again", "known"),
            opens=(_of(which="known"), "known"),
        ),
        "per_1000_users": _per_thousand(
            "users",
            N_("Complaints per 1,000 users"),
            N_(
                "Complaints recorded in the months of the period that are over and whose active users are known ÷ "
                "these users × 1,000, a month on average."
            ),
        ),
        "per_1000_orders": _per_thousand(
            "orders",
            N_("Complaints per 1,000 orders"),
            N_(
                "Complaints recorded in the months of the period that are over and whose orders are known ÷ these "
                "orders × 1,000."
            ),
        ),
        "amounts": Figure(
            N_("Amounts of money"),
            N_(
                "The amounts known of the complaints recorded in the period, by field (asked for, refunded …); a "
                "complaint whose amount is not known does not count."
            ),
            contents.amounts,
            {"complaints": "complaints", **_columns("đồng", "total", "median", "largest")},
            by=(*CASES, contents.FIELD),
            opens=(_of(), ""),
        ),
        "prevention": Figure(
            N_("Preventive actions in time"),
            N_(
                "Of the approved preventive actions whose due time lies in the period and has passed: done in time ÷ "
                "all of them; and how many were verified."
            ),
            contents.actions,
            _columns("actions", "due", "in_time", "late", "undone", "verified", "checked", "effective", share=SHARE),
            ("in_time", "due"),
        ),
        "prevention_effect": Figure(
            N_("Proved effective"),
            N_("Of the actions that fell due and whose effect was decided: found effective against the cause's rate."),
            contents.effects,
            _columns("actions", "checked", "effective", share=SHARE),
            ("effective", "checked"),
        ),
        "workload": Figure(
            N_("Work of each person"),
            N_(
                "Per person who has them now: complaints recorded in the period, ended in it, and open now, whatever "
                "the period; and of their results that fell due in the period: told in time ÷ (in time + late + "
                "overdue)."
            ),
            contents.workload,
            {**_columns("complaints", "recorded", "ended", "open"), **_columns("promises", "due", "met", share=SHARE)},
            ("met", "due"),
            opens=(_of(), "recorded"),
            parts=_parts(ended=_of(of="ended"), open=_of(of="open")),
        ),
        "walked": Figure(
            N_("As it is really walked"),
            N_(
                "The steps of the procedure that were taken in the period: by how many complaints, each once, how "
                "often, and how many open hours since the step before, in the median and for nine of ten at most. The "
                "share is of all complaints that took any step."
            ),
            walked.steps,
            {
                **_columns("complaints", "complaints"),
                "times": "steps",
                **_columns("working hours", "median", "p90"),
                **_columns("complaints", "all", share=SHARE),
            },
            ("complaints", "all"),
            by=(times.PHASE, walked.EVENT),
            most=1,
            chooses=False,
            opens=(_of(of="walked"), "complaints"),
        ),
        "walked_back": Figure(
            N_("Ways back"),
            N_(
                "From which step complaints went back to which earlier one in the period, after a refusal or by a "
                "re-opening: how many complaints, and how often."
            ),
            walked.ways_back,
            {walked.STEP: "step", walked.TO: "step", "complaints": "complaints", "times": "times"},
            by=(),
            chooses=False,
            opens=(_of(of="walked"), ""),
        ),
    }
)


def get(name: str) -> Figure:
    """The figure of that name."""
    if name not in FIGURES:
        raise NotFound(N_("There is no figure {name}: choose one of {known}."), name=name, known=", ".join(FIGURES))
    return FIGURES[name]


@asked_once
def ask(name: str, facts: Facts, filter: Filter, now: datetime, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """The frame of a figure: the columns it is split ``by``, then its own (those it has then), in their order.

    Invalid for a split that it does not have.
    """
    figure = get(name)
    _check(name, figure, facts, by)
    return _columns_of(figure, figure.answer(Asked(facts, filter, now, by)), by)


@asked_once
def ask_each(
    name: str, facts: Facts, filter: Filter, now: datetime, splits: tuple[tuple[str, ...], ...]
) -> list[pd.DataFrame]:
    """``ask`` by each of the splits, whose parts all are among those of the longest; the frames are to be read only."""
    figure, longest = get(name), max(splits, key=len)
    if figure.each is None:
        return [ask(name, facts, filter, now, by) for by in splits]
    _check(name, figure, facts, longest)
    found = figure.each(Asked(facts, filter, now, longest), splits)
    return [_columns_of(figure, one, by) for one, by in zip(found, splits, strict=True)]


def _columns_of(figure: Figure, found: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    return found[[*by, *(column for column in figure.columns if column in found.columns)]]


def _check(name: str, figure: Figure, facts: Facts, by: tuple[str, ...]) -> None:
    known = figure.splits(facts.counted)
    for one in by:
        if one not in known:
            raise Invalid(
                N_("{name} is not split by {given}: choose among {known}."),
                name=name,
                given=one,
                known=", ".join(known) or "–",
            )
    if len(BUCKETS.keys() & set(by)) > 1:
        raise Invalid(N_("{name} is split by one stretch of days at a time."), name=name)
    if len(by) > figure.most or len(set(by)) < len(by):
        raise Invalid(N_("{name} is split by at most {n} different things."), name=name, n=figure.most)


def coverage(facts: Facts, now: datetime) -> Coverage:
    """What the register holds by now."""
    days = facts.complaints["recorded_day"]
    first = days.min()
    return Coverage(first if isinstance(first, date) else None, local_day(now), len(days))
