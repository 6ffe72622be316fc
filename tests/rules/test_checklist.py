"""What a customer was asked to send, drawn by hand: questions and what came → what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from core.rules import checklist, evidence_kinds
from tests.engines import MONDAY

AN, BINH = 1, 2


class Event(NamedTuple):
    """One event of a complaint."""

    kind: str
    at: datetime
    payload: Mapping[str, object]
    actor_id: int | None


def told(*steps: Mapping[str, object]) -> list[Event]:
    """One event an hour, the first by An, all others by Bình."""
    return [Event("any", MONDAY + timedelta(hours=n), step, BINH if n else AN) for n, step in enumerate(steps)]


RECEIPT = {"wanted": ["evidence.payment_proof", "detail.transaction"]}
NAMES = {"wanted": ["evidence.identity"], "wanted_id": 7, "wanted_lines": 2}
CASES: list[tuple[Sequence[Mapping[str, object]], list[int], list[int], str]] = [
    # events, numbers asked for, numbers still missing, why
    ((), [], [], "nothing was asked"),
    (({"chase_on": "2026-11-18"},), [], [], "a question without a list"),
    ((RECEIPT,), [1, 2], [1, 2], "nothing came yet"),
    ((RECEIPT, {"came": [2]}), [1, 2], [1], "one of two came"),
    ((RECEIPT, {"came": [2]}, {"came": [1]}), [1, 2], [], "the rest came later"),
    ((NAMES,), [1, 2, 3], [1, 2, 3], "lines of a text come after what was chosen"),
    ((RECEIPT, NAMES, {"came": [1, 5]}), [1, 2, 3, 4, 5], [2, 3, 4], "a second question goes on counting"),
    ((RECEIPT, {"came": [1]}, NAMES), [1, 2, 3, 4, 5], [2, 3, 4, 5], "what came before the second question has come"),
    ((RECEIPT, {"came": None}), [1, 2], [1, 2], "a step that says nothing of it"),
]


@pytest.mark.parametrize(("steps", "asked", "missing", "why"), CASES, ids=[case[-1] for case in CASES])
def test_what_is_still_missing(
    steps: Sequence[Mapping[str, object]], asked: list[int], missing: list[int], why: str
) -> None:
    found = checklist.fold(told(*steps))
    assert list(found) == asked, why
    assert checklist.missing(found) == missing, why


def test_each_thing_says_what_it_is_when_it_came_and_who_saw_it() -> None:
    first, _second, line, _last = checklist.fold(
        told({"wanted": ["detail.transaction", "evidence.mail"], "wanted_id": 7, "wanted_lines": 2}, {"came": [1]})
    ).values()
    assert (first.what, first.asked_at, first.came_at, first.came_by) == (
        "detail.transaction", MONDAY, MONDAY + timedelta(hours=1), BINH,
    )  # fmt: skip
    assert (line.what, line.text_id, line.line, line.came_at) == ("", 7, 0, None)


@pytest.mark.parametrize(
    ("typed", "lines", "why"),
    [
        ("CCCD\nsao kê", ["CCCD", "sao kê"], "one a line"),
        ("  CCCD \n\n \n", ["CCCD"], "empty lines ask for nothing"),
        ("", [], "nothing"),
    ],
)
def test_what_is_typed_is_one_thing_a_line(typed: str, lines: list[str], why: str) -> None:
    assert checklist.lines_of(typed) == lines, why


@pytest.mark.parametrize(
    ("media_type", "kind", "why"),
    [
        ("audio/mpeg", "recording", "sound is a recorded call"),
        ("message/rfc822", "mail", "a mail as it was sent"),
        ("application/vnd.ms-outlook", "mail", "a mail out of Outlook"),
        ("image/png", None, "an error, a receipt or an identity card: only a person can say"),
        ("application/pdf", None, "a receipt or a letter"),
        ("video/mp4", None, "a filmed error is no recorded call"),
    ],
)
def test_what_a_file_is_for_certain(media_type: str, kind: str | None, why: str) -> None:
    assert evidence_kinds.guess(media_type) == kind, why
    assert kind is None or kind in evidence_kinds.KINDS
