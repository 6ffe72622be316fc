"""A question is asked once per state of the register, however many people look: who comes later gets the answer.

An answer holds as long as the facts do and no due time passes, since verdicts change at due times alone (D10), days at
midnight (D12), and the age of what is open some whole days after it was recorded (``dimensions.AGES``). ``asked_once``
marks the questions whose answer depends on nothing else of ``now``.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from copy import copy
from datetime import datetime, timedelta
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import numpy as np
import polars as pl

from core.insight.dimensions import AGES
from core.rules.calendar import local_day, whole_second

if TYPE_CHECKING:
    from core.insight.facts import Facts

MOST = 1_000  # answers kept for one state; each is a small frame
DUES = (
    ("cycles", "due_at"),
    ("requests", "due_at"),
    ("complaints", "next_due_at"),
    ("complaints", "unexplained_due_at"),
    ("actions", "due_at"),
)
P = ParamSpec("P")
T = TypeVar("T")


class Answers:
    """What was asked of one state of the register, the longest unused first to go; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._dues: tuple[datetime, np.ndarray[tuple[int], np.dtype[np.int64]]] | None = None

    def get(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer known under ``key``, else what ``ask`` says; who asks meanwhile waits for that."""
        with self._lock:
            known = self._known.get(key)
            mine = Future[Any]() if known is None else None
            self._known[key] = cast("Future[Any]", known or mine)
            self._known.move_to_end(key)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        if mine is None:
            return copy(cast("Future[T]", known).result())
        try:
            mine.set_result(ask())
        except BaseException as problem:
            with self._lock:
                self._known.pop(key, None)
            mine.set_exception(problem)
            raise
        return copy(cast("T", mine.result()))

    def moment(self, facts: Facts, now: datetime) -> Hashable | None:
        """The same for every ``now`` of one day between two due times; None before the first that was asked for."""
        second = whole_second(now)
        with self._lock:
            if self._dues is None:
                self._dues = second, _dues(facts, second)
        since, dues = self._dues
        if second < since:
            return None
        at = np.int64(round(second.timestamp()) * 10**6)
        return local_day(now), int(np.searchsorted(dues, at, "left")), int(np.searchsorted(dues, at, "right"))


def asked_once(question: Callable[P, T]) -> Callable[P, T]:
    """Ask a question of its argument ``facts`` once for all who ask the same; the answer is theirs to change."""
    shape = signature(question)

    @wraps(question)
    def answered(*args: P.args, **kwargs: P.kwargs) -> T:
        given = shape.bind(*args, **kwargs)
        given.apply_defaults()
        asked = dict(given.arguments)
        facts: Facts = asked.pop("facts")
        if "now" in asked:
            asked["now"] = facts.answers.moment(facts, asked["now"])
            if asked["now"] is None:
                return question(*args, **kwargs)
        key = (question.__module__, question.__qualname__, *asked.items())
        return facts.answers.get(key, lambda: question(*args, **kwargs))

    return answered


def _dues(facts: Facts, since: datetime) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The moments from ``since`` on at which an answer may change, in order; microseconds since 1970."""
    dues = [getattr(facts, frame).lazy().select(pl.col(column).alias("due")) for frame, column in DUES]
    is_open = facts.complaints.lazy().filter(pl.col("closed_at").is_null())
    ages = [is_open.select(due=pl.col("recorded_at") + timedelta(days=int(age))) for age in AGES]
    found = (moments.filter(pl.col("due") >= since) for moments in (*dues, *ages))
    changes = pl.concat(found).unique().sort("due").collect()["due"]
    moments: np.ndarray[tuple[int], np.dtype[np.int64]] = changes.dt.timestamp("us").to_numpy()
    return moments
