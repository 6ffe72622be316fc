"""Which events concern whom, and whom a text mentions (D40)."""

from __future__ import annotations

import pytest

from core.rules.notices import INSIDE, MOST_MENTIONED, NOTICES, OF_EVENT, Whom, mentioned
from core.rules.steps import STEP_OF_EVENT


@pytest.mark.parametrize(
    ("text", "wanted", "why"),
    [
        ("@an.tran xem giúp", ("an.tran",), "at the beginning"),
        ("Nhờ @an.tran.", ("an.tran",), "the full stop ends the sentence"),
        ("Nhờ @An.Tran, @binh", ("an.tran", "binh"), "capitals make no other name"),
        ("(@binh)", ("binh",), "in brackets"),
        ("@binh @binh", ("binh",), "once each"),
        ("Nhờ\n@binh", ("binh",), "on a line of its own"),
        ("viết cho an@pops.vn", (), "an e-mail address mentions nobody"),
        ("@an@pops.vn", ("an@pops.vn",), "a login name may be an address"),
        ("giá 5@ cái", (), "no name"),
        ("@", (), "no name"),
        ("@a", (), "a login name has two letters at least"),
        ("@ơi", (), "a login name has no accents"),
    ],
)
def test_who_is_mentioned(text: str, wanted: tuple[str, ...], why: str) -> None:
    assert mentioned(text) == wanted, why


def test_a_text_cannot_mention_everybody() -> None:
    assert len(mentioned(" ".join(f"@person{n}" for n in range(100)))) == MOST_MENTIONED


def test_every_notice_has_its_cause_and_its_reader() -> None:
    assert set(STEP_OF_EVENT) >= OF_EVENT | INSIDE
    used = {notice.whom for notice in NOTICES.values()}
    assert used == set(Whom), "a reader that no notice is for"
    timed = {key for key, notice in NOTICES.items() if not notice.events}
    assert timed == {"mentioned", "customer_wrote", "mail_failed", "due_today", "chase_today", "warned", "missed"}
