"""Answer texts: drafted by those who reply, offered once a lead approved them; every version stays (D20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, func, insert, select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.log import act as acts
from core.register.log import seal, transaction
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import AnswerText, AnswerTextUse
from core.register.people import accounts
from core.register.rulebook import Change
from core.rules import answer_text, roles
from core.rules.answer_text import APPROVED, CONTENT, DRAFT, DROPPED, FIELDS, MAX_BODY, MAX_TITLE, RETIRED, Text
from core.rules.calendar import local_day
from core.rules.catalogue import is_offered
from core.rules.steps import STEP_OF_EVENT
from core.rules.text import keepable, sort_key

RECENT = timedelta(days=90)
MAX_DIGITS = 9  # more than any version has
EVENTS: Mapping[str, str] = {DRAFT: "drafted", APPROVED: "approved", DROPPED: "dropped", RETIRED: "retired"}
"""Status of a version → the event that writes it."""
MOVED_ON = N_("Somebody else changed this text meanwhile: see what changed, then try again.")


@dataclass(frozen=True, slots=True)
class Standing:
    """One text with its versions, oldest first."""

    key: str
    versions: tuple[AnswerText, ...]

    @property
    def newest(self) -> AnswerText:
        """The newest version: the one that a write must have seen."""
        return self.versions[-1]

    @property
    def offered(self) -> AnswerText | None:
        """The approved version that is offered; a later draft changes nothing about it."""
        decided = [one for one in self.versions if one.status in (APPROVED, RETIRED)]
        return decided[-1] if decided and decided[-1].status == APPROVED else None

    @property
    def draft(self) -> AnswerText | None:
        """What waits for approval."""
        return self.newest if self.newest.status == DRAFT else None

    @property
    def shown(self) -> AnswerText:
        """The version by which a list names it."""
        return self.offered or self.newest


@dataclass
class Uses:
    """How often a text was used: ever, within ``RECENT``, changed before it was said, and in which steps."""

    times: int = 0
    recent: int = 0
    changed: int = 0
    steps: dict[str, int] = field(default_factory=dict)


def every(session: Session) -> dict[str, Standing]:
    """All texts by key, in the order of their titles."""
    versions: dict[str, list[AnswerText]] = {}
    for row in session.scalars(select(AnswerText).order_by(AnswerText.key, AnswerText.version)):
        versions.setdefault(row.key, []).append(row)
    found = [Standing(key, tuple(rows)) for key, rows in versions.items()]
    return {one.key: one for one in sorted(found, key=lambda one: sort_key(one.shown.title))}


def get(session: Session, key: str) -> Standing:
    """The text with that key; NotFound otherwise."""
    its = session.scalars(select(AnswerText).where(AnswerText.key == key).order_by(AnswerText.version))
    rows = tuple(its)
    if not rows:
        raise NotFound(N_("There is no such answer text."))
    return Standing(key, rows)


def text_of(row: AnswerText) -> Text:
    """What the version says, and where it is offered."""
    return Text(row.title, row.body, row.category, row.step, row.channel)


def name_of(row: AnswerText) -> str:
    """``key@version``, by which an event says what was used."""
    return f"{row.key}@{row.version}"


def content(row: AnswerText) -> str:
    """The text of one version as its digest in the log attests it."""
    return seal.canonical({name: getattr(row, name) for name in ("status", *CONTENT)})


def offered(session: Session, *, category: str, step: str, channel: str) -> list[AnswerText]:
    """The approved texts that fit there, those narrowed by most first, then by title."""
    categories = rulebook.catalogues(session).categories
    approved = [one.offered for one in every(session).values() if one.offered is not None]
    fitting = [
        row
        for row in approved
        if answer_text.fits(text_of(row), categories, category=category, step=step, channel=channel)
    ]
    return sorted(fitting, key=lambda row: -text_of(row).narrowed_by)  # sorting keeps the order of titles among equals


def offered_for_all(session: Session, *, step: str) -> list[AnswerText]:
    """The approved texts that fit the step whatever the category and channel, by title; for many complaints at once."""
    approved = [one.offered for one in every(session).values() if one.offered is not None]
    return [row for row in approved if row.step in (None, step) and not row.category and not row.channel]


def bodies(session: Session, name: str | None) -> dict[str, str]:
    """``name`` → its body, where that version was approved, now or once; empty otherwise."""
    row = find(session, name)
    return {name_of(row): row.body} if row is not None else {}


def find(session: Session, name: str | None) -> AnswerText | None:
    """The version ``name`` (``key@version``) that was approved, now or once; None otherwise."""
    key, _, version = (name or "").partition("@")
    if not (version.isascii() and version.isdigit() and len(version) <= MAX_DIGITS):
        return None
    held = transaction.of(session).answer_texts
    row = held.get(name or "") or session.get(AnswerText, (keepable(key), int(version)))
    if row is None or row.status != APPROVED:
        return None
    held[name or ""] = row
    return row


def problems(session: Session, text: Text, kept: Text | None = None) -> dict[str, str]:
    """Field → sentence template for what must be mended; ``kept``: where the text was offered until now stays valid."""
    found = {}
    if not 1 <= len(text.title) <= MAX_TITLE:
        found["title"] = N_("Give a title of at most 120 letters.")
    if not 1 <= len(text.body) <= MAX_BODY:
        found["body"] = N_("Write the text, at most 4,000 letters.")
    elif not set(answer_text.open_fields(text.body)) <= set(FIELDS):
        found["body"] = N_("Only {name}, {code}, {deadline} and {holder} may stand in braces.")
    for name in ("title", "body"):
        if keepable(getattr(text, name)) != getattr(text, name):
            found[name] = N_("This text holds signs that cannot be kept: type it anew.")
    known = rulebook.catalogues(session)
    before = kept or Text("", "")
    if text.category not in (None, before.category) and not is_offered(known.categories, text.category):
        found["category"] = N_("Choose a category from the list, or all.")
    if text.channel not in (None, before.channel) and not is_offered(known.channels, text.channel):
        found["channel"] = N_("Choose a channel from the list, or all.")
    if text.step not in (None, *answer_text.TELLING):
        found["step"] = N_("Choose a step in which the customer is told something, or all.")
    return found


def begin(session: Session, text: Text, act: Act) -> AnswerText:
    """Draft a new text under a key made of its title.

    Raises Invalid with a sentence per field, NotAllowed for a role that writes no texts.
    """
    accounts.check_may(session, act, "write_texts")
    text = _trimmed(text)
    _refuse(problems(session, text))
    return _write(session, answer_text.propose_key(text.title, _keys(session)), 1, DRAFT, text, act)


def redraft(session: Session, key: str, text: Text, version: int, act: Act) -> AnswerText:
    """Draft a new version of a text; the approved one is offered until the new one is approved.

    ``version``: the newest that the person has seen. Raises Conflict where there is a newer one, Invalid (fields),
    NotAllowed, NotFound.
    """
    accounts.check_may(session, act, "write_texts")
    newest = _expected(session, key, version).newest
    text, before = _trimmed(text), text_of(newest)
    _refuse(problems(session, text, before))
    if text == before and newest.status in (DRAFT, APPROVED):
        raise Invalid(N_("Nothing is different from the version before."))
    return _write(session, key, version + 1, DRAFT, text, act)


def approve(session: Session, key: str, version: int, act: Act) -> AnswerText:
    """Let the draft be offered from now on, in place of the version before it; also whoever wrote it, who may approve.

    Raises Invalid with the first of ``problems``, where a list has changed since.
    """
    accounts.check_may(session, act, "approve_texts")
    draft = _draft(_expected(session, key, version))
    if found := problems(session, text_of(draft)):
        raise Invalid(next(iter(found.values())), found)
    return _write(session, key, version + 1, APPROVED, text_of(draft), act)


def drop(session: Session, key: str, version: int, act: Act) -> AnswerText:
    """Refuse the draft, or take one's own back; what is offered stays."""
    actor = acts.actor(session, act)
    draft = _draft(_expected(session, key, version))
    if actor is not None and actor.id != draft.written_by and not roles.may(actor.role, "approve_texts"):
        raise NotAllowed(N_("Your role does not permit this: ask a lead."))
    return _write(session, key, version + 1, DROPPED, text_of(draft), act)


def retire(session: Session, key: str, version: int, act: Act) -> AnswerText:
    """Offer the text no longer; where it was used stays."""
    accounts.check_may(session, act, "approve_texts")
    standing = _expected(session, key, version)
    if standing.draft:
        raise Invalid(N_("A draft waits for approval: approve or drop it first."))
    if standing.offered is None:
        raise Invalid(N_("This text is not offered any more."))
    return _write(session, key, version + 1, RETIRED, text_of(standing.offered), act)


def take_in(session: Session, texts: Mapping[str, Text], act: Act) -> None:
    """Take texts that came with the program into use, approved: the organisation was chosen with them.

    A text that the register has under the same key stays.
    """
    known = _keys(session)
    for key, text in texts.items():
        if key not in known:
            _write(session, key, 1, APPROVED, text, act)


def make_offered(session: Session, wanted: Mapping[str, Text], act: Act) -> dict[str, list[Change]]:
    """Offer exactly ``wanted``: what differs or is new gets an approved version, what is not in it is retired.

    Returns key → what changed in it (``CONTENT``, or ``status``), nothing where it was not offered before. A draft that
    waited for approval is overtaken.
    """
    known, found = every(session), dict[str, list[Change]]()
    for key, text in wanted.items():
        before = known[key].offered if key in known else None
        values = [(name, getattr(before, name, None), getattr(text, name)) for name in CONTENT]
        changed = [Change(key, name, old or "", new or "") for name, old, new in values if old != new]
        if changed:
            version = known[key].newest.version + 1 if key in known else 1
            _write(session, key, version, APPROVED, text, act)
            found[key] = changed if before else []
    for key, standing in known.items():
        if standing.offered is not None and key not in wanted:
            _write(session, key, standing.newest.version + 1, RETIRED, text_of(standing.offered), act)
            found[key] = [Change(key, "status", APPROVED, RETIRED)]
    return found


def uses(session: Session, now: datetime) -> dict[str, Uses]:
    """Key → how often its versions were used; keys never used are left out, one that is retired keeps its counts.

    A text that was put in counts as used whatever became of it before it was said: ``changed`` says how often something
    was, also where nothing of it was left. Only emptying the pick list, or saying nothing, is no use.
    """
    use, since = AnswerTextUse, local_day(now - RECENT)
    recent = func.sum(case((use.day > since, use.times), else_=0))
    counted = select(use.key, use.kind, func.sum(use.times), recent, func.sum(use.changed))
    found: dict[str, Uses] = {}
    for key, kind, times, lately, changed in session.execute(counted.group_by(use.key, use.kind).order_by(use.kind)):
        one = found.setdefault(key, Uses())
        one.times, one.recent, one.changed = one.times + times, one.recent + lately, one.changed + changed
        one.steps[STEP_OF_EVENT[kind].key] = times
    return found


def _keys(session: Session) -> set[str]:
    return set(session.scalars(select(AnswerText.key).distinct()))


def _trimmed(text: Text) -> Text:
    title, body = " ".join(text.title.split()), text.body.strip()
    return Text(title, body, text.category or None, text.step or None, text.channel or None)


def _refuse(found: Mapping[str, str]) -> None:
    if found:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), found)


def _expected(session: Session, key: str, version: int) -> Standing:
    standing = get(session, key)
    if standing.newest.version != version:
        raise Conflict(MOVED_ON)
    return standing


def _draft(standing: Standing) -> AnswerText:
    if standing.draft is None:
        raise Invalid(N_("Nothing of this text waits for approval."))
    return standing.draft


def _write(session: Session, key: str, version: int, status: str, text: Text, act: Act) -> AnswerText:
    """The next version with its event; the log holds its digest and what it changes, not its words."""
    row = AnswerText(
        key=key,
        version=version,
        status=status,
        **{name: getattr(text, name) for name in CONTENT},
        written_at=act.stamp.logged_at,
        written_by=act.actor_id,
    )
    values = {column.name: getattr(row, column.name) for column in AnswerText.__table__.columns}
    session.execute(insert(AnswerText).values(**values))
    payload: dict[str, object] = {"key": key, "digest": rulebook.digest(content(row))}
    if before := session.get(AnswerText, (key, version - 1)):
        payload["changed"] = [name for name in ("status", *CONTENT) if getattr(row, name) != getattr(before, name)]
    seal.append(session, Subject("answer_text", version), EVENTS[status], payload, act.stamp)
    return row
