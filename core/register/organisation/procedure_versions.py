"""Changes to a procedure (D9): what may be changed on the screen, checked, and written as its next version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from core import shipped
from core.errors import Conflict, Invalid
from core.i18n import N_
from core.register import rulebook
from core.register.case.draft import UNKEEPABLE
from core.register.log.act import Act
from core.register.organisation import audit, identity
from core.register.organisation.audit import Applied
from core.register.people import accounts
from core.register.rulebook import EXPOSURE, ORGANISATION, TARGETS, Change
from core.rules import procedure as rules
from core.rules.calendar import LOCAL, local_day
from core.rules.catalogue import KEY, LISTS
from core.rules.days import Intervals
from core.rules.procedure import WEEK, Procedure, interval_text
from core.rules.spans import WHOLE_DAY, spans_of
from core.rules.text import keepable

LONGEST_TEXT = 500
LIKE = "like"
"""What a ``Change`` of a new procedure is of: the one it was begun from."""
TERM = ("amount", "unit", "after_hours", "warn_at", "source", "rule", "decision")
GUIDE = ("at_least", "at_most", "source")
HOURS = ("stated", "rule", "decision")
NAMES = ("name", "name_en", "organisation")
TEXTS = {*NAMES, "source", "rule", "decision"}
KEY_RULE = N_("A key is lower-case letters, digits, - and _, 2 to 31 of them, the first a letter.")
RESERVED = frozenset({*LISTS, ORGANISATION, TARGETS, EXPOSURE})
"""What a procedure cannot be called by: the history of the organisation names these parts by their keys too."""
RESERVED_SENTENCE = N_("A list has this key already: choose another.")
NEEDED = N_("Write something here: it stands beside every deadline.")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a procedure: when, by whom and with what it was taken into use, and since when it applies.

    ``applies_from``: None for all complaints, however old.
    """

    taken: Applied
    applies_from: datetime | None

    @property
    def version(self) -> int:
        """Its number."""
        return self.taken.version


def versions(session: Session, key: str) -> list[Version]:
    """Every version of procedure ``key``, the newest first."""
    taken = {one.version: one for one in audit.versions(session, key) if one.subject == "procedure"}
    return [Version(taken[one.version], one.applies_from) for one in rulebook.procedure_versions(session, key)]


def newest(session: Session, key: str) -> Procedure:
    """The newest version of procedure ``key``, which changes are made to, whether it applies already or not."""
    return rulebook.of(session).procedure(session, key, rulebook.version_of(session, "procedure", key))


def change(session: Session, wanted: Procedure, act: Act, *, applies_on: date | None = None) -> int:
    """Write ``wanted`` as the next version; returns its number. ``wanted.version``: the version it was made from.

    ``applies_on``: the local day from which it applies; None: from now on, and to all complaints while there is none.
    Raises NotAllowed for a role that does not manage the organisation's rules, Conflict where somebody changed the
    procedure meanwhile, Invalid (``fields`` as in ``problems``) for what cannot be, without a change, or for a day that
    has begun.
    """
    accounts.check_may(session, act, "manage_procedures")
    before = newest(session, wanted.key)
    if wanted.version != before.version:
        raise Conflict(
            N_("Somebody changed this procedure meanwhile: see what changed, then look at the effect again.")
        )
    changes = differences(before, wanted)
    if not changes:
        raise Invalid(N_("Nothing changes: change a number or a text first."))
    if applies_on is not None and applies_on <= local_day(act.now):
        raise Invalid(
            N_("A version applies from now or from a day to come: deadlines were promised on those that have begun."),
            {"applies_on": N_("Choose a day to come.")},
        )
    _check(session, wanted)
    applies_from = datetime.combine(applies_on, time(0), LOCAL) if applies_on else None
    return rulebook.add_procedure(session, wanted.key, rules.dump(wanted), act, changes, applies_from)


def begin(session: Session, like: str, wanted: Mapping[str, str], act: Act) -> str:
    """Write a new procedure that says what ``like`` says, under its own ``key`` and ``NAMES``; returns the key.

    No complaint follows it before it is enabled (``identity.enable``), so that its terms can be changed and looked at
    first. Raises NotAllowed, and Invalid with a sentence per field.
    """
    accounts.check_may(session, act, "manage_procedures")
    key = wanted["key"].strip()
    found = {name: NEEDED for name in NAMES if not wanted[name].strip()}
    if not KEY.fullmatch(key.replace("-", "_")):
        found["key"] = KEY_RULE
    elif key in RESERVED:
        found["key"] = RESERVED_SENTENCE
    elif rulebook.version_of(session, "procedure", key) or key in shipped.procedures():
        found["key"] = N_("There is a procedure of this key already: choose another.")
    if found:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), found)
    name, name_en, organisation_name = (wanted[name].strip() for name in NAMES)
    stands = rulebook.procedure_at(session, like, act.now)  # a version of a day to come is not how it stands
    draft = replace(stands, key=key, version=0, name=name, name_en=name_en, organisation=organisation_name)
    _check(session, draft)
    rulebook.add_procedure(session, key, rules.dump(draft), act, [Change(key, LIKE, "", like)])
    identity.prepare(session, key, act, version=identity.version(session))
    return key


def problems(wanted: Procedure) -> dict[str, str]:
    """Field → sentence for what must be mended; a field is the key and the name of ``values`` with a dot between."""
    texts = {at: text for at, text in values(wanted).items() if at[1] in TEXTS}
    found = {".".join(at): why for at, text in texts.items() if (why := _text_problem(text))}
    for guide in wanted.guides:
        if guide.at_most < guide.at_least:
            found[f"guides.{guide.key}.at_most"] = N_("At most must not be less than at least.")
    if not any(wanted.week):
        found["hours.monday"] = N_("At least one day of the week needs working time.")
    for day, intervals in zip(WEEK, wanted.week, strict=True):
        if why := _hours_problem(intervals, is_stated=wanted.hours_stated):
            found[f"hours.{day}"] = why
    return found


def differences(before: Procedure, after: Procedure) -> list[Change]:
    """What of ``values`` differs between two versions, in their order."""
    old, new = values(before), values(after)
    return [
        Change(*at, old.get(at, ""), new.get(at, ""))
        for at in dict.fromkeys([*old, *new])
        if old.get(at) != new.get(at)
    ]


def values(procedure: Procedure) -> dict[tuple[str, str], str]:
    """(key, name) → text of everything that can be changed on the screen.

    Keys: ``procedure`` with ``NAMES``; ``hours`` with ``HOURS`` and the days of ``WEEK``; ``terms.<key>`` with
    ``TERM``; ``guides.<key>`` with ``GUIDE``.
    """
    found = {("procedure", name): str(getattr(procedure, name)) for name in NAMES}
    found["hours", "stated"] = "yes" if procedure.hours_stated else "no"
    found["hours", "rule"], found["hours", "decision"] = procedure.hours_rule, procedure.hours_decision
    for day, intervals in zip(WEEK, procedure.week, strict=True):
        found["hours", day] = ", ".join(map(interval_text, intervals))
    found |= {(f"terms.{term.key}", name): str(getattr(term, name)) for term in procedure.terms for name in TERM}
    found |= {(f"guides.{one.key}", name): str(getattr(one, name)) for one in procedure.guides for name in GUIDE}
    return found


def _check(session: Session, wanted: Procedure) -> None:
    """Everything that can be wrong with it, before it is used."""
    if found := problems(wanted):
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), found)
    file = f"{wanted.key}.toml"
    read = rules.parse(rules.dump(wanted), file=file)
    rules.check(read, rulebook.catalogues(session), file=file)


def _text_problem(text: str) -> str:
    if not text.strip():
        return NEEDED
    if len(text) > LONGEST_TEXT:
        return N_("At most 500 characters fit here.")
    return UNKEEPABLE if keepable(text) != text else ""


def _hours_problem(intervals: Intervals, *, is_stated: bool) -> str:
    try:
        spans_of(intervals, "")
    except Invalid:
        return N_("These hours overlap, or close before they open.")
    if intervals and not is_stated and intervals != WHOLE_DAY:
        return N_("Without stated office hours a working day is whole: 00:00-24:00.")
    return ""
