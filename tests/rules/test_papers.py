"""Which papers are offered when, and how they are numbered (D39)."""

from __future__ import annotations

import pytest

from core import shipped
from core.rules.papers import file_name, number_of, offered

R, A, F, T = "received", "acknowledged", "forwarded", "result_notified"
OFFERED = [
    # procedure, channel, what happened, papers in the order offered, why
    ("minh-tuan", "office", {R}, "intake_slip settlement_minutes", "a visitor gets a slip (step 1)"),
    ("minh-tuan", "hotline", {R}, "settlement_minutes", "who calls gets none"),
    (
        "minh-tuan",
        "office",
        {R, A, T},
        "settlement_minutes written_reply",
        "settled on the spot: minutes, no slip (step 4)",
    ),
    (
        "minh-tuan",
        "office",
        {R, A, F, T},
        "written_reply settlement_minutes",
        "others were asked: a written reply first",
    ),
    ("minh-tuan", "office", {R, A}, "intake_slip settlement_minutes written_reply", "all are possible"),
    ("dai-huu", "office", {R}, "intake_slip settlement_minutes", "a slip at the branch (step 1)"),
    ("dai-huu", "office", {R, A, T}, "settlement_minutes written_reply", "as Minh Tuấn"),
    ("vhv", "email", {R}, "confirmation_of_receipt", "not solved at once: a confirmation (step 1)"),
    ("vhv", "email", {R, A, T}, "written_reply", "the result was told (step 3)"),
    ("misa", "hotline", {R}, "", "nothing before it is acknowledged"),
    ("misa", "hotline", {R, A}, "apology_letter", "a call or a letter of apology (step 3)"),
    ("pops", "letter", {R}, "", "POPS answers by its channel"),
    ("pops", "letter", {R, A}, "written_reply", "a letter is answered in writing (step 6)"),
]


@pytest.mark.parametrize(("key", "channel", "events", "papers", "why"), OFFERED, ids=[why for *_, why in OFFERED])
def test_what_a_procedure_offers(key: str, channel: str, events: set[str], papers: str, why: str) -> None:
    procedure = shipped.procedure(key)
    assert offered(procedure.papers, procedure.offers, events, channel) == tuple(papers.split()), why


def test_a_procedure_that_says_only_which_offers_each_from_its_usual_step_on() -> None:
    assert offered(("intake_slip", "board_minutes", "complaint_file"), (), {R}, "hotline") == ("intake_slip",)


NUMBERS = [
    (("PTN", 2026, 1, ""), "0001/2026/PTN", "of no branch"),
    (("PTN", 2026, 12345, "ha_noi"), "12345/2026/PTN-HA.NOI", "of a branch"),
    (("PTN", 2026, 1, "hanoi"), "0001/2026/PTN-HANOI", "which is another one"),
]


@pytest.mark.parametrize(("of", "number", "why"), NUMBERS)
def test_a_number(of: tuple[str, int, int, str], number: str, why: str) -> None:
    assert number_of(*of) == number, why
    assert "/" not in file_name(number)
