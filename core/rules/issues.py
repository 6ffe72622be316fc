"""Several issues of one complaint (D34): each further one with a category, and once closed an outcome and a cause.

The first issue is the complaint itself: its category decides deadlines, level and who holds it. Further ones follow
from the events of the complaint alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

ADD, ADDED = "add_issue", "issue_added"
"""The step by which a complaint holds one more issue, and its event."""
REMOVE, REMOVED = "remove_issue", "issue_removed"
"""The step by which one is taken out, because it is none, and its event."""
FIRST = 1
"""The number of the complaint's own issue."""
MOST = 10
"""What holds more issues than that, the first one included, is more than one case."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A further issue; ``number``: from 2, never given to another one. ``is_out``: it was taken out."""

    number: int
    category: str
    outcome: str | None = None
    root_cause: str | None = None
    is_out: bool = False


Issues = tuple[Issue, ...]


def standing(issues: Iterable[Issue]) -> Issues:
    """Those that were not taken out."""
    return tuple(one for one in issues if not one.is_out)


def numbered(categories: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The number that each of these gets in a complaint that has no further issue yet."""
    return enumerate(categories, FIRST + 1)


def next_number(issues: Sequence[Issue]) -> int:
    """The number of the one that is added next; those taken out keep theirs."""
    return issues[-1].number + 1 if issues else FIRST + 1


def removed(issues: Iterable[Issue], number: int) -> Issues:
    """Without the one of this number."""
    return tuple(replace(one, is_out=True) if one.number == number else one for one in issues)


def ended(issues: Iterable[Issue], outcomes: Mapping[str, str | None], causes: Mapping[str, str | None]) -> Issues:
    """How each ended, and why it happened; number as text → key. What is not among them has neither."""
    return tuple(
        replace(one, outcome=outcomes.get(str(one.number)), root_cause=causes.get(str(one.number))) for one in issues
    )


def withdrawn(issues: Iterable[Issue], outcome: str) -> Issues:
    """All of them with the outcome of a complaint that was taken back; a cause that was found before stays."""
    return tuple(replace(one, outcome=outcome) for one in issues)


def reopened(issues: Iterable[Issue]) -> Issues:
    """They have no end any more; causes stay until the next one."""
    return tuple(replace(one, outcome=None) for one in issues)
