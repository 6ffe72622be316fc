"""What the log says of where cases stood, who had them, and who was waited for; read in columns, a block at a time.

Few events say more than their name does: those lines of their payload are read as text. The complaints with anything
undone, corrected or taken out of a merge are read as they count by ``core.rules.undo.effective``, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple, cast

import polars as pl

from core.insight.columns import Read, as_instant, done
from core.register.case.payload import CaseEvent, Payload
from core.register.log import seal
from core.rules.calendar import whole_second
from core.rules.guides import ROUNDS
from core.rules.steps import (
    AWAITING_CUSTOMER,
    CLOSED_UNTIMED,
    EFFECTS,
    STATES,
    STEP_OF_EVENT,
    STEPS,
    Effect,
    Phase,
    State,
    events_with,
    is_in_order,
)
from core.rules.undo import REWRITING, effective

ASSIGNED, REFUSED = STEPS["assign"].event, STEPS["refuse"].event
READ = frozenset({kind for kind in STEP_OF_EVENT if is_in_order(kind)} | {ASSIGNED, CLOSED_UNTIMED})
"""The events that may move a case or give it to somebody."""
SAYING = ("leads_to", "holds", "assignee_id")
"""What of a payload is read: where an event led, whether its person holds the case from then on, who was given it."""
EVENT_COLUMNS = {
    **dict.fromkeys(("complaint_id", "seq", "at", "actor_id"), pl.Int64),
    **dict.fromkeys(("kind", "payload"), pl.String),
}
US, DEPARTMENT, CUSTOMER = "us", "department", "customer"
WAITS_FOR = (US, DEPARTMENT, CUSTOMER)
"""Who is waited for; an answer that a department owes comes before one of the customer's."""
STAY = ("complaint_id", "waits_for", "phase", "assignee_id")
NOBODY = 0
_LEADS = {step.event: step.to.value for step in STEPS.values() if step.to}
_BY_STATE = sorted(
    (step for step in STEPS.values() if step.to_from and not step.to), key=lambda step: len(step.from_states)
)
"""Steps that lead on by where they are taken: silence after a question, then what leaves most states as they are."""
_PHASES = {state.value: standing.next_phase.value for state, standing in STATES.items() if standing.next_phase}
PHASES = tuple(Phase)
RECEIVED = "received"
PHASE_OF: Mapping[str, str] = {
    RECEIVED: Phase.RECORD.value,
    **{step.event: step.phase.value for step in STEPS.values() if step.phase},
}
"""The events that are a step of the procedure → its phase."""
_AGAIN = events_with(Effect.REOPENS)
_REFUSED = {"complaint_id": pl.Int64, "refused": pl.UInt8}
_IS_REWRITING = pl.col("kind").is_in(sorted(REWRITING))
_TYPED = (pl.col("complaint_id", "seq", "actor_id").cast(pl.Int64), pl.col("kind", "payload").cast(pl.String))
_IS_OF_PHASE = pl.col("kind").is_in(sorted(PHASE_OF))

_FIRST = (
    pl.col("id").alias("complaint_id"),
    pl.lit(0, pl.Int64).alias("seq"),
    pl.col("recorded_at").dt.truncate("1s").alias("at"),
    pl.lit(RECEIVED).alias("kind"),
    pl.lit(State.received.value).alias("state"),
    pl.lit(NOBODY, pl.Int64).alias("holder"),
    pl.lit(value=False).alias("rounds"),
)
"""The receipt of a complaint as a row of what its events say."""
_GIVEN = pl.col("payload").str.extract(r'"assignee_id":(\d+)').cast(pl.Int64)
_HOLDS = pl.col("payload").str.contains('"holds":true', literal=True)
_LED_TO = pl.col("kind").replace_strict(_LEADS, default=None, return_dtype=pl.String)
_LATER = (
    *(pl.col(name) for name in ("complaint_id", "seq", "at", "kind")),
    pl.coalesce(pl.col("payload").str.extract(r'"leads_to":"(\w+)"'), _LED_TO).alias("state"),
    pl.when(_HOLDS).then(pl.col("actor_id")).otherwise(_GIVEN).alias("holder"),
    pl.when(pl.col("kind").is_in(ROUNDS))
    .then(pl.lit(value=True))
    .when(pl.col("kind").is_in(_AGAIN))
    .then(pl.lit(value=False))
    .alias("rounds"),
)
"""What an event says; made once, since making it takes longer than asking it of the few rows of one act."""
_PHASE = pl.col("state").replace_strict(_PHASES, default=None, return_dtype=pl.String)
_IS_LATER = pl.col("seq") > 0
_SINCE = (pl.col("at") - pl.col("at").shift(1)).dt.total_seconds().cast(pl.Int32)
_STEP = (
    pl.col("complaint_id"),
    pl.col("kind").alias("event"),
    pl.when(_IS_LATER).then(pl.col("state").shift(1)).alias("was"),
    pl.col("state", "at"),
    pl.when(_IS_LATER).then(_SINCE).alias("since"),
)
"""A step among those of ``moves``."""


def events(read: Read, whose: str) -> pl.DataFrame:
    """The events that count, of ``EVENT_COLUMNS`` and typed; ``whose``: SQL about ``complaint_id``."""
    says = " OR ".join(f"payload LIKE '%\"{name}\"%'" for name in SAYING)
    found = _read(read, whose, f"CASE WHEN {says} THEN payload END", READ | REWRITING)
    if REWRITING.isdisjoint(kinds_of(found)):
        return found
    others = found.filter(_IS_REWRITING)["complaint_id"].unique()
    plain = found.filter(~pl.col("complaint_id").is_in(others.implode()))
    listed = ", ".join(map(str, others))
    return pl.concat([plain, _effective(_read(read, f"complaint_id IN ({listed})", "payload", frozenset(EFFECTS)))])


def kinds_of(events: pl.DataFrame) -> set[str]:
    """Which kinds of events there are: most acts need none of what is done for some."""
    return set(events["kind"].unique())


def _read(read: Read, whose: str, payload: str, kinds: frozenset[str]) -> pl.DataFrame:
    columns = f"subject_id AS complaint_id, seq, kind, happened_at AS at, actor_id, {payload} AS payload"
    its = f"(SELECT {columns} FROM events WHERE subject = 'complaint' AND kind IN ({_listed(kinds)})) AS its"  # noqa: S608 (our own)
    return _typed(read(EVENT_COLUMNS, f"FROM {its} WHERE {whose}"))


class Histories(NamedTuple):
    """What the events of some complaints say; those of a case that was ever closed while nobody knows when (D30) are
    left out.

    ``stays``: as ``stays``. ``moves``: as ``moves``. ``refused``: complaint_id, refused (proposals that the customer
    refused).
    """

    stays: pl.DataFrame
    moves: pl.DataFrame
    refused: pl.DataFrame


def read(complaints: pl.DataFrame, requests: pl.DataFrame, events: pl.DataFrame) -> Histories:
    """``complaints`` and ``requests`` as facts hold them, ``events`` as ``events`` gives them."""
    taken = kinds_of(events)
    moved = _moves(complaints, events, taken).lazy()
    stayed, went = done(stays(moved, requests)), done(moves(moved))
    if REFUSED not in taken:
        return Histories(stayed, went, pl.DataFrame(schema=_REFUSED))
    refusals = moved.filter((pl.col("kind") == REFUSED) & (pl.col("state").shift(1) == State.proposed.value))
    refused = refusals.group_by("complaint_id").agg(pl.len().cast(_REFUSED["refused"]).alias("refused"))
    return Histories(stayed, went, done(refused))


def moves(moved: pl.LazyFrame) -> pl.LazyFrame:
    """The steps of each case that have a phase or led to another state, the receipt first.

    Columns: complaint_id, event, was (the state before), state (from then on), at, since (seconds since the step
    before). The receipt has no step before it: was and since are None.
    """
    is_same = (pl.col("state") == pl.col("state").shift(1)) & _IS_LATER
    return moved.filter(_IS_OF_PHASE | ~is_same).select(_STEP)


def stays(moved: pl.LazyFrame, requests: pl.DataFrame) -> pl.LazyFrame:
    """The stretches of each case with the same answer to who is waited for, in which phase, and who has it.

    Columns: complaint_id, waits_for, phase (``core.rules.guides.stage``), assignee_id, starts_at, ends_at (None
    while it lasts).
    """
    if requests.is_empty():  # the moves are in their order, and nothing is owed
        return _merged(_told(moved.with_columns(owed=pl.lit(0))))
    rows = pl.concat([moved, _owed(requests.lazy(), moved)], how="diagonal").sort(
        "complaint_id", "at", "seq", nulls_last=True
    )
    sums = pl.col("owed").fill_null(0).cum_sum()
    before = pl.when(pl.col("seq") == 0).then(sums).forward_fill()  # what the cases above are still owed
    return _merged(_told(rows.with_columns(pl.col("state", "holder", "rounds").forward_fill(), owed=sums - before)))


def _moves(complaints: pl.DataFrame, events: pl.DataFrame, taken: set[str]) -> pl.DataFrame:
    """A row per event, the receipt first: state, holder and whether there are rounds, each as it is from then on."""
    timed, counting = complaints.lazy(), events.lazy()
    if CLOSED_UNTIMED in taken:
        untimed = counting.filter(pl.col("kind") == CLOSED_UNTIMED).select("complaint_id")
        timed = timed.join(untimed, left_on="id", right_on="complaint_id", how="anti")
        counting = counting.join(untimed, on="complaint_id", how="anti")
    first, later = timed.select(_FIRST), counting.select(_LATER)
    moved = pl.concat([first, later]).sort("complaint_id", "seq")
    for step in (one for one in _BY_STATE if one.event in taken):
        leads = {state.value: to.value for state, to in step.to_from.items()}
        is_its = (pl.col("kind") == step.event) & pl.col("state").is_null()
        before = pl.col("state").forward_fill()  # the first row of each case has one
        moved = moved.with_columns(pl.when(is_its).then(before.replace(leads)).otherwise("state").alias("state"))
    whole = done(moved.with_columns(pl.col("state", "holder", "rounds").forward_fill()))
    is_dated_back = (whole["at"] < whole["at"].shift(1)) & (whole["seq"] > 0)
    if is_dated_back.any():  # which is seldom, and costs as much as all else here
        whole = whole.with_columns(pl.col("at").cum_max().over("complaint_id"))
    return whole


def _owed(requests: pl.LazyFrame, moved: pl.LazyFrame) -> pl.LazyFrame:
    """A row where a department begins to owe an answer, and one where it does not any more."""
    received = moved.filter(pl.col("seq") == 0).select("complaint_id", pl.col("at").alias("received_at"))
    rows = requests.join(received, on="complaint_id", how="inner")
    ended = pl.coalesce("stopped_at", "cancelled_at")
    steps = ((pl.col("asked_at"), 1), (ended, -1))
    each = (
        rows.filter(at.is_not_null()).select(
            "complaint_id", pl.max_horizontal(at, "received_at").alias("at"), pl.lit(owed).alias("owed")
        )
        for at, owed in steps
    )
    return pl.concat(each)


_WAITS_FOR = (
    pl.when(pl.col("owed") > 0)
    .then(pl.lit(DEPARTMENT))
    .when(pl.col("state").is_in([one.value for one in AWAITING_CUSTOMER]))
    .then(pl.lit(CUSTOMER))
    .otherwise(pl.lit(US))
)
_CONCILIATES = _PHASE.eq(Phase.HANDLE.value) & pl.col("rounds")
_STANDS = (
    pl.col("complaint_id"),
    pl.when(_PHASE.is_not_null()).then(_WAITS_FOR).alias("waits_for"),
    pl.when(_CONCILIATES).then(pl.lit(Phase.CONCILIATE.value)).otherwise(_PHASE).alias("phase"),
    pl.when((pl.col("holder") != NOBODY) & _PHASE.is_not_null()).then("holder").alias("assignee_id"),
    pl.col("at"),
)
_IS_LAST = pl.col("complaint_id") != pl.col("complaint_id").shift(-1, fill_value=-1)
_LASTS = _IS_LAST | (pl.col("at").shift(-1) > pl.col("at"))
_CHANGES = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in STAY)
_ENDS_AT = pl.when(~_IS_LAST).then(pl.col("at").shift(-1)).alias("ends_at")


def _told(rows: pl.LazyFrame) -> pl.LazyFrame:
    """``STAY`` from each instant on, the phase None at an end."""
    return rows.select(_STANDS)


def _merged(told: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each stretch: what lasts no second is gone, and what goes on unchanged is one."""
    stretches = told.filter(_LASTS).filter(_CHANGES).with_columns(_ENDS_AT)
    return stretches.filter(pl.col("phase").is_not_null()).rename({"at": "starts_at"})


def _effective(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of events that count, saying what corrections made them say."""
    found = []
    for id, its in groupby(rows.sort("complaint_id", "seq").iter_rows(named=True), key=lambda row: row["complaint_id"]):
        history = [_event(row) for row in its]
        found += [
            (id, one.seq, whole_second(one.at), one.actor_id, one.kind, seal.canonical(one.payload))
            for one in effective(history)
            if one.kind in READ
        ]
    return pl.DataFrame(found, schema=rows.schema, orient="row")


def _event(row: Mapping[str, Any]) -> CaseEvent:
    payload = cast("Payload", seal.read(row["payload"]))
    return CaseEvent(row["seq"], row["kind"], row["at"], payload, row["actor_id"])


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    return raw.with_columns(*_TYPED, as_instant(raw, "at").dt.truncate("1s"))


def _listed(kinds: frozenset[str]) -> str:
    """As SQL; names of events hold a-z and _ alone."""
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))
