"""What an upgrade brings for the organisation: proposed, taken or declined one by one, never over its own (D20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import shipped
from core.errors import Conflict
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.tables import ProcedureVersion
from core.register.organisation import answer_texts, identity, lists
from core.register.organisation.answer_texts import Standing
from core.register.organisation.entries import with_new
from core.register.people import accounts
from core.register.rulebook import ORGANISATION, Change
from core.rules import procedure as procedures
from core.rules.answer_text import Text
from core.rules.catalogue import LISTS, Entry, is_offered
from core.rules.organisation import Organisation

DECLINED, KNOWN, SHIPPED = "declined", "known", "shipped"
"""What a ``Change`` is of: a proposal nobody wants; one that the register of an imported file had decided about; a
procedure in the version that came with the program.
"""
PROCEDURE, ANSWER_TEXT = "procedures", "answer_texts"
DIGEST = 12  # of the text of a procedure: another upgrade may propose another text


class Proposal(NamedTuple):
    """An entry of list ``name``, an answer text (``name`` is ``ANSWER_TEXT``), or else the shipped text of procedure
    ``key`` (``name`` is ``PROCEDURE``).
    """

    name: str
    key: str
    entry: Entry | None = None
    text: Text | None = None

    @property
    def mark(self) -> str:
        """What ``Organisation.declined`` holds of it once nobody wants it."""
        if self.entry is not None or self.text is not None:
            return f"{self.name}/{self.key}"
        text = shipped.procedure_texts()[self.key]
        return f"{self.name}/{self.key}/{rulebook.digest(text)[:DIGEST]}"


def open_ones(session: Session) -> list[Proposal]:
    """Every proposal that was neither taken nor declined: shipped entries and answer texts whose key the register does
    not know, and shipped procedures that are none of the versions the register has had.
    """
    whose = rulebook.organisation(session)
    found = [
        Proposal(name, key, entry)
        for name in LISTS
        for key, entry in _shipped(whose.key, name).items()
        if key not in lists.current(session, name) and not entry.retired
    ]
    found += [Proposal(PROCEDURE, key) for key in whose.procedures if _is_new(session, key)]
    found += [Proposal(ANSWER_TEXT, key, text=text) for key, text in _new_texts(session, whose.key).items()]
    return [one for one in found if one.mark not in (*whose.declined, *whose.known)]


def known(session: Session, whose: Organisation) -> tuple[str, ...]:
    """The marks of what would be proposed to a register with the same offered texts and procedures as they stand.

    What this register has decided about: shipped procedures that were among its versions, and answer texts that it has
    and offers no longer. Entries of lists are no part of it: none ever leaves its list.
    """
    kept = answer_texts.every(session)
    texts = shipped.answer_texts(whose.key) if whose.key in shipped.organisations() else {}
    marks = {Proposal(ANSWER_TEXT, key, text=text).mark for key, text in texts.items() if _is_kept_back(kept, key)}
    had = [one.name for one in rulebook.in_use(session) if one.subject == "procedure"]
    marks |= {Proposal(PROCEDURE, key).mark for key in had if key in shipped.procedures() and not _is_new(session, key)}
    return tuple(sorted({*marks, *whose.known}))


def take(session: Session, proposal: Proposal, act: Act, *, version: int) -> None:
    """Take the entry into its list, the answer text as approved, or the shipped text as the procedure's next version.

    ``version``: of the list, or of the procedure. Raises as ``lists.add``, and Conflict where it is not proposed any
    more.
    """
    _check_open(session, proposal, act)
    if proposal.text is not None:
        _take_text(session, proposal, act)
        return
    if proposal.entry is None:
        _take_procedure(session, proposal, act, version)
        return
    known = lists.current(session, proposal.name)
    categories = lists.current(session, "categories")
    entry = replace(
        proposal.entry,
        into="",
        parent=proposal.entry.parent if is_offered(known, proposal.entry.parent) else "",
        taken_by=tuple(key for key in proposal.entry.taken_by if key in lists.current(session, "channels")),
        suits=tuple(key for key in proposal.entry.suits if key in categories),
    )
    lists.replace_all(session, proposal.name, with_new(known, entry), act, version=version)


def decline(session: Session, proposal: Proposal, act: Act, *, version: int) -> None:
    """Propose this no more; ``version``: of the organisation. Raises as ``take``."""
    _check_open(session, proposal, act)
    before = identity.opened(session, act, version)
    after = replace(before, declined=(*before.declined, proposal.mark))
    name = proposal.entry.vi if proposal.entry else proposal.text.title if proposal.text else proposal.key
    identity.write(session, after, [Change(ORGANISATION, DECLINED, "", f"{proposal.name}: {name}")], act)


def version_of(session: Session, proposal: Proposal) -> int:
    """The version that ``take`` expects; of an answer text there is none yet."""
    if proposal.text is not None:
        return 0
    subject = "catalogue" if proposal.entry else "procedure"
    return rulebook.version_of(session, subject, proposal.name if proposal.entry else proposal.key)


def _check_open(session: Session, proposal: Proposal, act: Act) -> None:
    """Whoever decides may do so, and nobody else did meanwhile."""
    accounts.check_may(session, act, "manage_lists")
    whose = rulebook.organisation(session)
    if proposal.entry is not None:
        is_new = proposal.key not in lists.current(session, proposal.name)
    elif proposal.text is not None:
        is_new = proposal.key in _new_texts(session, whose.key)
    else:
        is_new = _is_new(session, proposal.key)
    if not is_new or proposal.mark in whose.declined:
        raise Conflict(N_("This is not proposed any more: somebody took or declined it meanwhile."))


def _take_procedure(session: Session, proposal: Proposal, act: Act, version: int) -> None:
    if version != version_of(session, proposal):
        raise Conflict(N_("Somebody else changed this list meanwhile: look at it as it is now, then try again."))
    text = shipped.procedure_texts()[proposal.key]
    known = rulebook.catalogues(session)
    procedures.check(shipped.procedure(proposal.key), known, file=f"{proposal.key}.toml")
    rulebook.add_procedure(session, proposal.key, text, act, [Change(proposal.key, SHIPPED, str(version), "")])


def _take_text(session: Session, proposal: Proposal, act: Act) -> None:
    answer_texts.take_in(session, {proposal.key: proposal.text} if proposal.text else {}, act)


def _new_texts(session: Session, organisation: str) -> dict[str, Text]:
    """The shipped texts whose key the register does not know, and whose category and channel it offers."""
    if organisation not in shipped.organisations():
        return {}
    known, lists_in_use = answer_texts.every(session), rulebook.catalogues(session)
    return {
        key: text
        for key, text in shipped.answer_texts(organisation).items()
        if key not in known
        and (text.category is None or is_offered(lists_in_use.categories, text.category))
        and (text.channel is None or is_offered(lists_in_use.channels, text.channel))
    }


def _is_kept_back(kept: Mapping[str, Standing], key: str) -> bool:
    return key in kept and kept[key].offered is None


def _shipped(organisation: str, name: str) -> dict[str, Entry]:
    known = shipped.organisations()
    return dict(getattr(shipped.catalogues(organisation), name)) if organisation in known else {}


def _is_new(session: Session, key: str) -> bool:
    """Whether the shipped text differs from every version taken into use: one that the organisation changed since it
    took the text is no news.
    """
    if key not in shipped.procedures():
        return False
    wanted, book = shipped.procedure(key), rulebook.of(session)
    versions = session.scalars(select(ProcedureVersion.version).where(ProcedureVersion.key == key))
    taken = (book.procedure(session, key, version) for version in versions)
    # Whose it is may have been said at set-up.
    return all(replace(wanted, version=one.version, organisation=one.organisation) != one for one in taken)
