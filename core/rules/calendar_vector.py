"""Working time over arrays: tables looked up once per element, in chunks that stay in the processor's cache.

``Forward`` cuts time into slots of 2**k seconds, no longer than the shortest closed gap, so that a slot touches at most
one open run: open time before an instant is then one packed table entry and a clip. ``Backward`` cuts open time into
slots no longer than the shortest run, so that a slot holds at most one border between runs; adding the offset within
the slot to the packed entry carries over exactly when the border is passed. Calendars too ragged for a small table fall
back to bisection.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.rules.spans import DAY, Unrolled

Seconds = NDArray[np.int64]

CHUNK = 1 << 15
_WIDEST = 15
"""Slots of at most 2**15 s: both ends of a run inside a slot fit 16 bits each, beside 32 bits of open seconds."""
_LARGEST_TABLE = 1 << 21
_BEYOND = np.iinfo(np.int64).min


class Beyond(Exception):
    """Element ``index`` lies, or leads, outside the loaded years."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def _bits(shortest: int, length: int) -> int | None:
    """The widest slot that is no longer than ``shortest``; None when the table over ``length`` would not be small."""
    bits = min(_WIDEST, shortest.bit_length() - 1)
    return bits if length >> bits < _LARGEST_TABLE and length < 1 << 31 else None


@dataclass(frozen=True)
class Forward:
    """Seconds since the first midnight → open seconds before them."""

    starts: Seconds
    ends: Seconds
    before: Seconds
    length: int

    @cached_property
    def bits(self) -> int | None:
        """Width of a slot as a power of two, None without a table."""
        gaps = self.starts[1:] - self.ends[:-1]
        return _bits(int(gaps.min()) if gaps.size else self.length, self.length)

    @cached_property
    def packed(self) -> Seconds:
        """Per slot: open seconds before it less ``lo`` (32 bits), then end and begin of its open run (16 bits each).

        One packed entry rather than three tables, so that an element costs one lookup and the table fits the cache.
        """
        assert self.bits is not None
        slot = np.arange((self.length >> self.bits) + 1, dtype=np.int64) << self.bits
        run = np.minimum(np.searchsorted(self.ends, slot, side="right"), len(self.ends) - 1)
        lo = np.clip(self.starts[run] - slot, 0, 1 << self.bits)
        hi = np.clip(self.ends[run] - slot, 0, 1 << self.bits)
        open_before = self.before[run] + np.clip(slot - self.starts[run], 0, self.ends[run] - self.starts[run])
        packed: Seconds = ((open_before - lo) << 32) | (hi << 16) | lo
        return packed

    def into(self, t: Seconds, spare: Seconds, spare2: Seconds) -> None:
        """Replace each of ``t`` by its open seconds; the spares have its length."""
        if self.bits is None:
            t[:] = self.bisected(t)
            return
        # Every step writes into an array that exists already, so that a chunk allocates nothing and stays in the cache.
        entry, field = spare, spare2
        np.right_shift(t, self.bits, out=field)
        self.packed.take(field, out=entry, mode="clip")
        np.bitwise_and(t, (1 << self.bits) - 1, out=t)
        np.bitwise_and(entry, 0xFFFF, out=field)
        np.maximum(t, field, out=t)
        np.right_shift(entry, 16, out=entry)
        np.bitwise_and(entry, 0xFFFF, out=field)
        np.minimum(t, field, out=t)
        np.right_shift(entry, 16, out=entry)
        np.add(t, entry, out=t)

    def bisected(self, t: Seconds) -> Seconds:
        """The same by bisection, for calendars without a table."""
        run = np.maximum(np.searchsorted(self.starts, t, side="right") - 1, 0)
        opened: Seconds = self.before[run] + np.clip(t - self.starts[run], 0, self.ends[run] - self.starts[run])
        return opened


@dataclass(frozen=True)
class Backward:
    """Open seconds → the instant at which that much has passed, in seconds since the first midnight."""

    shift: Seconds
    """Per run: instant less open seconds."""
    before: Seconds
    """Open seconds before each run, and in all."""

    @cached_property
    def bits(self) -> int | None:
        """Width of a slot as a power of two, None without a table."""
        return _bits(int(np.diff(self.before).min()), int(self.before[-1]))

    @cached_property
    def packed(self) -> Seconds:
        """Per slot: the run of its first second and how far its border is from carrying, less the slot's own start."""
        assert self.bits is not None
        carry = 1 << (self.bits + 1)
        slot = np.arange((int(self.before[-1]) >> self.bits) + 1, dtype=np.int64) << self.bits
        passed = np.searchsorted(self.before, slot, side="left")
        border = self.before[np.minimum(passed, len(self.before) - 1)] - slot
        inside = (border >= 0) & (border < 1 << self.bits)
        room = np.where(inside, carry - 1 - border, 0)
        return (passed - 1) * carry + room - slot

    def into(self, opened: Seconds, reach: Seconds | None, spare: Seconds, spare2: Seconds) -> None:
        """Replace open seconds by instants. ``reach``: 1 where a border belongs to the run after it (not going on)."""
        run, slot = spare, spare2
        if self.bits is None:
            key = opened if reach is None else opened + reach
            run[:] = np.searchsorted(self.before, key, side="left") - 1
        else:
            np.right_shift(opened, self.bits, out=slot)
            self.packed.take(slot, out=run, mode="clip")
            np.add(run, opened, out=run)
            if reach is not None:
                np.add(run, reach, out=run)
            # What is left above the offset bits is the run: the addition has carried into it exactly past the border.
            np.right_shift(run, self.bits + 1, out=run)
        self.shift.take(run, out=slot, mode="clip")
        np.add(opened, slot, out=opened)


class VectorCalendar:
    """The array twin of a calendar: the same runs as tables. ``origin``: UTC seconds of the first local midnight."""

    def __init__(self, runs: Unrolled, origin: int, first_day: int) -> None:
        starts = np.array(runs.starts, np.int64)
        before = np.array(runs.before, np.int64)
        self.origin, self.first_day = origin, first_day
        self.length = len(runs.days) * DAY
        self.total = int(before[-1])
        self.forward = Forward(starts, np.array(runs.ends, np.int64), before, self.length)
        self.backward = Backward(starts - before[:-1], before)
        self._runs = runs

    def elapsed(self, a: Seconds, b: Seconds) -> Seconds:
        """Open seconds from ``a`` to ``b``, both UTC seconds of one shape (1-D)."""
        out = np.empty(a.size, np.int64)
        both, *spares = np.empty((3, 2 * min(CHUNK, a.size)), np.int64)
        for at in range(0, a.size, CHUNK):
            n = min(CHUNK, a.size - at)
            t = both[: 2 * n]
            np.subtract(a[at : at + n], self.origin, out=t[:n])
            np.subtract(b[at : at + n], self.origin, out=t[n:])
            self._within(t, self.length, at, n)
            self.forward.into(t, *(spare[: 2 * n] for spare in spares))
            np.subtract(t[n:], t[:n], out=out[at : at + n])
        return out

    def add(self, start: Seconds, delta: Seconds) -> Seconds:
        """UTC seconds ``delta`` open seconds after ``start`` (1-D, one shape; ``delta`` may hold one element for all).

        Instants become open seconds, ``delta`` is added there, and the sum becomes instants again, chunk by chunk.
        """
        out = np.empty(start.size, np.int64)
        spares = np.empty((3, min(CHUNK, start.size)), np.int64)
        for at in range(0, start.size, CHUNK):
            t = out[at : at + CHUNK]
            entry, field, reach = (spare[: t.size] for spare in spares)
            by = delta if delta.size == 1 else delta[at : at + CHUNK]
            np.subtract(start[at : at + CHUNK], self.origin, out=t)
            self._within(t, self.length, at, t.size)
            self.forward.into(t, entry, field)
            np.add(t, by, out=t)
            self._within(t, self.total, at, t.size)
            self.backward.into(t, self._reach(t, by, reach, at), entry, field)
            np.add(t, self.origin, out=t)
        return out

    def _reach(self, opened: Seconds, by: Seconds, reach: Seconds, at: int) -> Seconds | None:
        """1 where nothing is added or time goes back, so that a border means the opening; None when all go forwards."""
        if by.min() > 0:
            return None
        np.less_equal(by, 0, out=reach, casting="unsafe")
        self._within(opened + reach, self.total, at, opened.size)
        return reach

    def _within(self, t: Seconds, limit: int, at: int, n: int) -> None:
        """0 ≤ t ≤ limit in one pass: what is negative is huge when read as unsigned."""
        if int(t.view(np.uint64).max()) > limit:
            raise Beyond(at + int(np.argmax(t.view(np.uint64) > limit)) % n)

    # days

    @cached_property
    def workdays(self) -> Seconds:
        """Indices of the loaded days with any open time."""
        return np.array(self._runs.workdays, np.int64)

    @cached_property
    def rank(self) -> Seconds:
        """Per loaded day: how many working days come before it; one entry more for the day after the last."""
        return np.searchsorted(self.workdays, np.arange(len(self._runs.days) + 1), side="left").astype(np.int64)

    @cached_property
    def closings(self) -> Seconds:
        """Per loaded day: UTC seconds of its last closing."""
        ends = np.array([spans[-1][1] if spans else 0 for spans in self._runs.days], np.int64)
        return ends + np.arange(len(ends), dtype=np.int64) * DAY + self.origin

    def after_each_day(self, n: int) -> Seconds:
        """Per loaded day: the index of the ``n``-th working day after it, or ``_BEYOND``."""
        place = self._place(np.arange(len(self._runs.days), dtype=np.int64), np.array([n], np.int64))
        known = (place >= 0) & (place < len(self.workdays))
        return np.where(known, self.workdays.take(place, mode="clip"), _BEYOND)

    def add_days(self, days: Seconds, n: Seconds) -> Seconds:
        """Days since 1970 of the ``n``-th working day after each (1-D; ``n`` may hold one element for all)."""
        # One amount for more elements than there are days: the answer of each day is worked out once and looked up.
        table = self.after_each_day(int(n[0])) + self.first_day if n.size == 1 and days.size > len(self.rank) else None
        out = np.empty(days.size, np.int64)
        spare = np.empty(min(CHUNK, days.size), np.int64)
        for at in range(0, days.size, CHUNK):
            here = out[at : at + CHUNK]
            index = np.subtract(days[at : at + CHUNK], self.first_day, out=spare[: here.size])
            self._within(index, len(self._runs.days) - 1, at, here.size)
            if table is not None:
                table.take(index, out=here, mode="clip")
                self._within(here - self.first_day, self.length, at, here.size)
                continue
            place = self._place(index, n if n.size == 1 else n[at : at + CHUNK])
            self._within(place, len(self.workdays) - 1, at, here.size)
            np.add(self.workdays.take(place, mode="clip"), self.first_day, out=here)
        return out

    def _place(self, index: Seconds, n: Seconds) -> Seconds:
        """Where the answer stands among the working days: counted after the day going forwards, from before it else."""
        if int(n.min()) > 0:
            return self.rank.take(index + 1, mode="clip") + (n - 1)
        after = self.rank.take(index + 1, mode="clip")
        return np.where(n > 0, after + n - 1, self.rank.take(index, mode="clip") + n)

    def due_days(self, start: Seconds, n: int, *, working: bool) -> Seconds:
        """UTC seconds at which ``n`` days end that start counting at each ``start`` (1-D): one table entry per day."""
        table = self._due_table(n, working=working)
        out = np.empty(start.size, np.int64)
        for at in range(0, start.size, CHUNK):
            here = out[at : at + CHUNK]
            day = np.subtract(start[at : at + CHUNK], self.origin)
            self._within(day, self.length - 1, at, here.size)
            np.floor_divide(day, DAY, out=day)
            table.take(day, out=here, mode="clip")
            self._within(here - self.origin, self.length, at, here.size)
        return out

    def least_days(self, start: Seconds, at: Seconds, *, working: bool) -> Seconds:
        """The fewest days, at least one, that ``due_days`` ends no earlier than ``at`` from ``start`` on (1-D each)."""
        day = (start - self.origin) // DAY
        self._within(day, len(self._runs.days) - 1, 0, day.size)
        ends = self.closings.take(self.workdays) if working else (self.workdays + 1) * DAY + self.origin
        last = np.searchsorted(ends, at, side="left")  # among the working days: the first that ends late enough
        if working:
            found: Seconds = last - self.rank.take(day + 1) + 1
        else:  # any day after the working day before it moves to that one
            before = np.append(np.array([-1], np.int64), self.workdays)
            found = before.take(last) - day + 1
        least: Seconds = np.maximum(found, 1)
        return least

    def _due_table(self, n: int, *, working: bool) -> Seconds:
        if working:
            last = self.after_each_day(n)
            return np.where(last < 0, _BEYOND, self.closings.take(last, mode="clip"))
        moved = np.append(self.after_each_day(0)[n:], np.full(n, _BEYOND))
        return np.where(moved < 0, _BEYOND, (moved + 1) * DAY + self.origin)
