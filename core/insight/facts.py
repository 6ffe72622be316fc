"""The facts: all complaints and SLA cycles in typed columns, shared by all sessions, updated with the register.

They are held in blocks of ``SPAN`` complaint ids, so that what changed replaces its own block alone, however many there
are. The blocks of a large register lie in files beside it (``core.insight.files``), which all processes map.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from weakref import WeakKeyDictionary

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.insight import columns, dimensions, files, histories, pseudonyms, set_off
from core.insight.asked import Answers
from core.insight.codes import Codes
from core.insight.dimensions import Counted
from core.insight.typed import (
    AS_STORED,
    BESIDE,
    COMPLAINT_COLUMNS,
    CYCLE_COLUMNS,
    Block,
    Frames,
    InForce,
    Reading,
    Stages,
    frames,
)
from core.register import rulebook
from core.register.figures import rebases
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.targets import Targets

SPAN = 100_000  # complaint ids in a block
READERS = 2  # blocks read at once: the database waits for one while Polars works on the other
MANY_CHUNKS = 16  # a block in more pieces than this is joined into one, or every read would slow down
FEW = 100  # changed complaints that are named one by one
UNSAVED = 10_000  # changed complaints after which the files are written anew


@dataclass(frozen=True, slots=True)
class Facts:
    """One moment of the register in columns; never changed, only replaced. No personal data, no free text.

    ``complaints``: a row per complaint: id, code, ``dimensions.COLUMNS`` (categorical), waiting_department,
    assignee_id, customer (a pseudonym, D35), reopened (how often), rounds (proposals made to the customer, D17),
    refused (those of them that the customer refused), the ``INSTANTS`` (UTC, microseconds), and local (D12)
    recorded_day, recorded_hour (0…23), closed_day.
    ``cycles``: a row per SLA cycle: complaint_id, term, stage (what figures compare across procedures), number, the
    ``CYCLE_INSTANTS``, working_seconds, ``dimensions.OF_CYCLES`` of its own, ``dimensions.CARRIED`` from its complaint,
    local days due_day, due_week (its Monday), and by what it was promised: calendar_version, procedure_version,
    reply_days, set_off_at (when the event that set it off happened: ``starts_at`` unless outside office hours).
    ``restatements``: a row per cycle and correction that changed its verdict or due (D21): complaint_id, seq, term,
    number, stage, verdict_before, due_before, corrected_at, ``dimensions.CARRIED``, and the local day due_day that it
    had before.
    Merged entries and sub-categories stand under the keys that figures count (D20, ``counted``). Both frames have a
    column for each of ``counted.choices`` too: the key that was chosen, null where none is known.
    ``requests``: a row per request to a department (D19): complaint_id, number, its department, asked_at, due_at,
    stopped_at, cancelled_at (as ``core.rules.requests`` says), due_day, and ``dimensions.CARRIED`` besides.
    These four have ``SEEN_BY``: the departments that see the complaint; the complaints ``OWING`` too, those that owe an
    answer, both as stored, each between two bars (``|content|payment|``), null for none.
    ``amounts``: a row per amount of money that is known: complaint_id, field, value (whole đồng; null for one that
    tells of a person, which the register alone holds).
    ``issues``: a row per further issue of a case (D34): complaint_id, number (from 2) and ``OF_ISSUES``; the first one
    is the complaint itself.
    ``actions``: a row per preventive action that the board approved (D25): complaint_id, number, the root_cause it is
    against, approved_at, due_at, done_at, verified_at, effect (as stored), due_day.
    ``stays``: where each case was from when to when: complaint_id, waits_for (``us``, ``department``, ``customer``),
    phase, assignee_id (who had it), starts_at, ends_at (``core.insight.histories.stays``).
    ``moves``: each step of a case, in order: complaint_id, event, was (the state before it), state (from then on), at,
    since (seconds since the step before, ``core.insight.histories.moves``). In ``stays`` and ``moves`` the rows of a
    complaint stand together.
    ``last_event``: id of the last event these facts include. ``blocks``: the same rows by complaint ids, each of
    ``SPAN``. ``unsaved``: how many complaints changed since the files were written. ``targets``: what share of each
    promise is to be kept, from when on (D16). ``answers``: what was asked of these facts (``core.insight.asked``).
    """

    complaints: pl.DataFrame
    cycles: pl.DataFrame
    restatements: pl.DataFrame
    requests: pl.DataFrame
    amounts: pl.DataFrame
    issues: pl.DataFrame
    actions: pl.DataFrame
    stays: pl.DataFrame
    moves: pl.DataFrame
    last_event: int
    reading: Reading
    blocks: tuple[Block, ...]
    unsaved: int = 0
    targets: Targets = ()
    answers: Answers = field(default_factory=Answers, repr=False, compare=False)

    @property
    def stages(self) -> Stages:
        """(procedure, term) → stage, for the cycles."""
        return self.reading.stages

    @property
    def counted(self) -> Counted:
        """Under which keys the entries of lists are counted (D20)."""
        return self.reading.counted

    @property
    def in_force(self) -> InForce:
        """By what figures count that rows do not depend on."""
        return self.reading.in_force

    @property
    def is_empty(self) -> bool:
        """Whether no complaint has ever been recorded."""
        return self.complaints.is_empty()


Newest = tuple[int, Counted, Targets, InForce]
"""Id of the last event of a complaint, how the lists in use are counted, targets, what is in force; of one moment."""


class _Holder:
    """What a process knows of a register's facts. ``codes`` are those of the files that it began with, if any."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.facts: Facts | None = None
        self.codes = Codes()


_holders: WeakKeyDictionary[Register, _Holder] = WeakKeyDictionary()
_holders_lock = threading.Lock()


def current(register: Register) -> Facts:
    """The facts as of now, the same object for everybody until the register changes; safe from any thread.

    Costs two index look-ups when nothing changed, what changed when something did, and all once when a list changed so
    that other keys are counted. The first of a process finds them in the files beside the register, if they are there.
    """
    holder = _holder(register)
    before, newest = holder.facts, _newest(register)
    if before is not None and _included(before) == newest:
        return before
    with holder.lock:
        known = holder.facts or _kept(register, holder)
        if known is None:
            found = load(register)
        else:  # what another thread brought up to date meanwhile may include more than ``newest``
            found = _refreshed(known, register, newest if known is before else _newest(register))
        holder.facts = _saved(register, found)
        return holder.facts


def load(register: Register) -> Facts:
    """All facts, read anew a block at a time, so that memory stays near their size."""
    reading, (_last, _counted, targets, _force) = _reading(register, _holder(register).codes), _newest(register)
    with columns.reader(register) as read:
        last_event, last = _ends(read)
        if last <= SPAN:
            complaints = read(COMPLAINT_COLUMNS, f"FROM complaints WHERE id <= {SPAN}")
            rows = _rows(read, reading, complaints, f"complaint_id <= {SPAN}")
            return replace(whole(last_event, [Block(rows)], reading), targets=targets)
    with ThreadPoolExecutor(READERS) as readers:
        found = list(readers.map(partial(_block, register, reading), range(-(-last // SPAN))))
    # Each block is of a moment of its own: what changed since the first of them is read again.
    first = whole(min(last_event for last_event, _block in found), [block for _last_event, block in found], reading)
    return replace(refresh(first, register), unsaved=UNSAVED + 1, targets=targets)


def refresh(known: Facts, register: Register) -> Facts:
    """The facts after what changed since ``known``.

    A register that went back in time (a restored copy), or that took a version into use which gives a term another
    stage or counts an entry under another key, is reread; so it is where the key of pseudonyms is a new one (D35).
    """
    return _refreshed(known, register, _newest(register))


def _refreshed(known: Facts, register: Register, newest: Newest) -> Facts:
    last, counted, targets, in_force = newest
    is_newer = (counted, in_force) != (known.counted, known.in_force)
    key = pseudonyms.key(register)
    reading = _reading(register, known.reading.codes) if is_newer else known.reading
    is_other = (counted, key) != (known.counted, known.reading.key)
    is_restaged = any(reading.stages.get(term) != its for term, its in known.stages.items())
    if last < known.last_event or is_other or is_restaged:
        return load(register)
    if last == known.last_event:
        is_same = not is_newer and targets == known.targets
        return known if is_same else replace(known, targets=targets, reading=reading, answers=Answers())
    with columns.reader(register) as read:
        newer = f"changed > {known.last_event:d}"
        whose = f"complaint_id IN (SELECT id FROM complaints WHERE {newer})"  # noqa: S608 (our own number)
        complaints = read({**COMPLAINT_COLUMNS, "changed": pl.Int64}, f"FROM complaints WHERE {newer}")
        fresh = _rows(read, reading, complaints, whose, known.blocks[0].frames if known.blocks else None)
    last_event = complaints["changed"].max() or known.last_event
    assert isinstance(last_event, int)
    unsaved = known.unsaved + fresh.complaints.height
    blocks = _replaced(known.blocks, fresh)
    return Facts(*_rejoined(known, blocks), last_event, reading, tuple(blocks), unsaved=unsaved, targets=targets)


def whole(last_event: int, blocks: Sequence[Block], reading: Reading) -> Facts:
    """Facts of these blocks, the first of which may be the only one; their rows are not copied."""
    return Facts(*_joined(blocks), last_event, reading, tuple(blocks))


def around(facts: Facts, ids: pl.Series) -> Frames:
    """The rows of the blocks in which these complaints lie, theirs among them: few are found faster in few rows."""
    numbers = ((ids - 1) // SPAN).unique().to_list()
    return _joined([facts.blocks[number] for number in numbers] or facts.blocks[:1])


def facts_of(facts: Facts, ids: pl.Series) -> Facts:
    """The same with the rows of these complaints alone, for questions that are about no others."""
    whose = pl.DataFrame({"id": ids}).lazy()
    found = []
    for name in Frames._fields:
        rows, key = getattr(facts, name).lazy(), "id" if name == "complaints" else "complaint_id"
        found.append(rows.join(whose, left_on=key, right_on="id", how="semi", maintain_order="left"))
    return Facts(*Frames(*pl.collect_all(found)), facts.last_event, facts.reading, (), targets=facts.targets)


def _joined(blocks: Sequence[Block]) -> Frames:
    return Frames(*map(pl.concat, _parts(blocks)))


def _rejoined(known: Facts, blocks: Sequence[Block]) -> Frames:
    """The same; where few parts changed, as by one act, the rest of the frames before is used again."""
    if len(known.blocks) != len(blocks) or not blocks:
        return _joined(blocks)
    frames = zip(Frames._fields, _parts(known.blocks), _parts(blocks), strict=True)
    return Frames(*(_rejoined_frame(getattr(known, name), was, now) for name, was, now in frames))


def _rejoined_frame(whole: pl.DataFrame, was: Sequence[pl.DataFrame], now: Sequence[pl.DataFrame]) -> pl.DataFrame:
    changed = [n for n, (before, after) in enumerate(zip(was, now, strict=True)) if before is not after]
    if not changed:
        return whole
    if len(changed) > 1:
        return pl.concat(now)
    number = changed[0]
    above = sum(part.height for part in was[:number])
    below = whole.slice(above + was[number].height)
    joined = whole.head(above).vstack(now[number])
    return joined.vstack(below) if below.height else joined


def _parts(blocks: Sequence[Block]) -> list[tuple[pl.DataFrame, ...]]:
    """Of each frame its parts in all blocks."""
    return list(zip(*(block.frames for block in blocks), strict=True))


def _holder(register: Register) -> _Holder:
    with _holders_lock:
        return _holders.setdefault(register, _Holder())


def _included(known: Facts) -> Newest:
    return known.last_event, known.counted, known.targets, known.in_force


def _newest(register: Register) -> Newest:
    with register.read() as session:
        last = session.scalar(select(func.max(Complaint.changed))) or 0
        return last, _counted_in(session), rulebook.targets(session), _in_force(session)


def _in_force(session: Session) -> InForce:
    """The same objects until a version is newer."""
    version, book = rulebook.calendar_version(session), rulebook.of(session)
    procedures = [one for one in rulebook.in_use(session) if one.subject == "procedure"]
    calendars = {one.name: book.calendar(session, one.name, one.version, version) for one in procedures if version}
    return InForce(calendars, rulebook.exposure(session), rebases.current(session), tuple(procedures))


def _counted_in(session: Session) -> Counted:
    if not rulebook.has_organisation(session):
        return AS_STORED
    return dimensions.counted(rulebook.catalogues(session))


def _reading(register: Register, codes: Codes) -> Reading:
    with register.read() as session:
        stages, counted, in_force = rulebook.stages(session), _counted_in(session), _in_force(session)
        starts = set_off.of(rulebook.every_procedure(session))
    return Reading(stages, counted, codes, in_force, pseudonyms.key(register), starts)


def _kept(register: Register, holder: _Holder) -> Facts | None:
    """The facts that the files hold."""
    kept = files.read(register, _reading(register, holder.codes))
    if kept is None:
        return None
    holder.codes = kept.reading.codes
    return whole(kept.last_event, kept.blocks, kept.reading)


def _saved(register: Register, found: Facts) -> Facts:
    """The facts, their blocks in files where there are several and much has changed since they were written."""
    if len(found.blocks) == 1 or found.unsaved < UNSAVED:
        return found
    blocks = files.save(register, found.last_event, found.blocks, found.reading)
    return replace(whole(found.last_event, blocks, found.reading), targets=found.targets)


# changing


def _replaced(blocks: Sequence[Block], fresh: Frames) -> list[Block]:
    """The blocks with the rows of the complaints in ``fresh`` as they are there."""
    found = list(blocks)
    numbers = (fresh.complaints["id"] - 1) // SPAN
    for number in numbers.unique():
        while len(found) <= number:
            found.append(Block(Frames(*(frame.clear() for frame in fresh))))
        own = (pl.col("id") - 1) // SPAN == number
        its = _only(fresh, own) if numbers.n_unique() > 1 else fresh
        found[number] = Block(_changed(found[number].frames, its))
    return found


def _only(fresh: Frames, own: pl.Expr) -> Frames:
    ids = fresh.complaints.filter(own).select("id")
    others = (frame.join(ids, left_on="complaint_id", right_on="id", how="semi") for frame in fresh[1:])
    return Frames(fresh.complaints.filter(own), *others)


def _changed(known: Frames, fresh: Frames) -> Frames:
    changed = fresh.complaints["id"]
    newest = known.complaints["id"].max()
    are_new = newest is None or changed.min() > newest  # type: ignore[operator]
    kept = []
    for key, before, after in zip(("id", *["complaint_id"] * (len(known) - 1)), known, fresh, strict=True):
        unchanged = before if are_new else before.filter(~pl.col(key).is_in(changed.implode()))
        if after.is_empty() and unchanged.height == before.height:
            kept.append(before)
            continue
        joined = unchanged.vstack(after)
        kept.append(joined.rechunk() if joined.n_chunks() > MANY_CHUNKS else joined)
    return Frames(*kept)


# reading


def _ends(read: columns.Read) -> tuple[int, int]:
    """(id of the last event included, highest complaint id) of this snapshot; zeros while there is no complaint."""
    wanted = {"changed": pl.Int64, "id": pl.Int64}
    # One index look-up each.
    each = "(SELECT max(changed) FROM complaints) AS changed, (SELECT max(id) FROM complaints) AS id"
    last = read(wanted, f"FROM (SELECT {each}) AS last")
    return last["changed"][0] or 0, last["id"][0] or 0


def _block(register: Register, reading: Reading, number: int) -> tuple[int, Block]:
    """One block as it is now, kept in a file: id of the last event it includes, and the block."""
    ids = f"BETWEEN {number * SPAN + 1} AND {(number + 1) * SPAN}"
    with columns.reader(register) as read:
        last_event, _last = _ends(read)
        complaints = read(COMPLAINT_COLUMNS, f"FROM complaints WHERE id {ids}")
        rows = _rows(read, reading, complaints, f"complaint_id {ids}")
    return last_event, files.keep(register, number, rows)


def _rows(
    read: columns.Read, reading: Reading, complaints: pl.DataFrame, whose: str, like: Frames | None = None
) -> Frames:
    """These complaints with all that is theirs: ``whose``, an SQL condition that holds our own numbers only.

    ``like``: rows that were read the same way.
    """
    if complaints.height <= FEW:
        whose = f"complaint_id IN ({', '.join(map(str, complaints['id'])) or 'NULL'})"
    cycles = read(CYCLE_COLUMNS, f"FROM sla_cycles WHERE {whose}")
    wanted = {name: f"{name} WHERE {whose}" for name in ("requests", "restatements", "issues")}
    # A planned action says its cause under its own name; figures say it as complaints do.
    wanted["actions"] = f"(SELECT *, cause AS root_cause FROM actions WHERE {whose}) AS its"  # noqa: S608 (our own numbers)
    choices = (name.removeprefix(dimensions.FIELD) for name in reading.counted.choices)
    if fields := sorted({*choices, *reading.counted.amounts}):
        keys = ", ".join(f"'{key}'" for key in fields)  # a-z, 0-9 and _ alone
        wanted["details"] = f"details WHERE {whose} AND field IN ({keys})"
    if complaints.height <= FEW:  # most acts write nothing there
        has_any = ", ".join(f"EXISTS (SELECT 1 FROM {rows}) AS {name}" for name, rows in wanted.items())  # noqa: S608 (the same)
        found = read(dict.fromkeys(wanted, pl.Int64), f"FROM (SELECT {has_any}) AS found")
        wanted = {name: rows for name, rows in wanted.items() if found[name][0]}
    beside = {name: read(BESIDE[name], f"FROM {rows}") for name, rows in wanted.items()}
    beside["events"] = histories.events(read, whose)
    return frames(reading, complaints, cycles, beside, like)


def asked_of(column: str, departments: Iterable[str]) -> pl.Expr:
    """Whether one of these departments is among those of the column (``SEEN_BY``, ``OWING``)."""
    named = [f"|{department}|" for department in departments]
    return pl.col(column).cast(pl.String).str.contains_any(named).fill_null(value=False)
