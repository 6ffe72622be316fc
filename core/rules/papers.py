"""Papers that leave the register (D39): their kinds, when a procedure offers them, and how they are numbered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

FIELDS = ("organisation", "name", "code", "received", "due", "result")
"""What the text that a paper begins with may leave open, in braces."""
LONGEST_LOGO = 200_000  # bytes
LONGEST_TEMPLATE = 60_000  # letters
BASE, LOGO, COLOURS = "typ.base", "img.logo", "toml.colours"
RECEIVED, FORWARDED, TOLD = "received", "forwarded", "result_notified"
MINUTES = "settlement_minutes"


class Kind(NamedTuple):
    """One kind of paper.

    ``mark``: what its number ends with. ``after``, ``until``: from which event on it is offered until which (empty:
    for good), where its procedure does not say it. ``asks_text``: whether somebody writes its text; one without is
    made whenever it is asked for, has no number and is no evidence.
    """

    key: str
    mark: str
    after: str = RECEIVED
    until: str = ""
    asks_text: bool = True


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("intake_slip", "PTN", until=TOLD),
        Kind("confirmation_of_receipt", "GXN", until=TOLD),
        Kind("settlement_minutes", "BB"),
        Kind("written_reply", "TL", "acknowledged"),
        Kind("apology_letter", "TXL", "acknowledged"),
        Kind("complaint_file", "HS", asks_text=False),
        Kind("board_minutes", "BBH", asks_text=False),
    )
}
ISSUED_KINDS = tuple(kind.key for kind in KINDS.values() if kind.asks_text)
FILE_OF_A_CASE, OF_A_MEETING = "complaint_file", "board_minutes"


def template_of(kind: str) -> str:
    """The part that lays out papers of that kind."""
    return f"typ.{kind}"


def text_of(kind: str) -> str:
    """The part that is the text with which papers of that kind begin."""
    return f"txt.{kind}"


PARTS = (BASE, *map(template_of, KINDS), *map(text_of, ISSUED_KINDS), LOGO, COLOURS)
"""What papers are made of, each replaced for itself: layout of all, of each kind, first text of each, logo, colours."""


class Offer(NamedTuple):
    """When a procedure offers a paper, as its document says (``source``, ``rule``).

    ``after``, ``until``: as of ``Kind``. ``channels``: of complaints that came by one of these; empty: by any.
    """

    paper: str
    after: str
    until: str = ""
    channels: tuple[str, ...] = ()
    source: str = ""
    rule: str = ""

    def fits(self, events: Collection[str], channel: str) -> bool:
        """Whether it is offered where these events happened, of a complaint that came by ``channel``."""
        return self.after in events and self.until not in events and channel in (self.channels or (channel,))


def offered(papers: Sequence[str], offers: Sequence[Offer], events: Collection[str], channel: str) -> tuple[str, ...]:
    """The kinds that a procedure (its ``papers`` and ``offers``) offers now, the likeliest one first.

    Minutes are of what was settled on the spot (Minh Tuấn 4, Đại Hữu 4): where departments were asked they come last.
    """
    said = {one.paper: one for one in offers}
    rules = [said.get(key) or Offer(key, KINDS[key].after, KINDS[key].until) for key in papers if key in ISSUED_KINDS]
    found = [one.paper for one in rules if one.fits(events, channel)]
    return tuple(sorted(found, key=lambda kind: kind == MINUTES and FORWARDED in events))


def number_of(mark: str, year: int, number: int, branch: str | None) -> str:
    """``0012/2026/PTN``, of a branch ``0012/2026/PTN-HA.NOI``: keys with a point, so that no two branches are one."""
    whose = f"-{branch.upper().replace('_', '.')}" if branch else ""
    return f"{number:04d}/{year}/{mark}{whose}"


def file_name(number: str) -> str:
    """``0012-2026-PTN.pdf``: a name that every file system takes."""
    return f"{re.sub(r'[^0-9A-Za-z.]+', '-', number)}.pdf"
