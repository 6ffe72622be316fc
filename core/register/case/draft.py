"""A complaint before it is logged: form, import row and sample all make this value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from core.i18n import N_
from core.register.case.customers import DETAILS, CustomerDraft
from core.register.case.evidence import MAX_TEXT, FileDraft
from core.rules import details, policy, roles
from core.rules.calendar import local_day
from core.rules.catalogue import Catalogue, Catalogues, Field, counted_as, is_offered
from core.rules.contacts import email_problem, phone_problem
from core.rules.days import CalendarDays
from core.rules.issues import MOST
from core.rules.policy import Actor
from core.rules.procedure import Procedure
from core.rules.text import keepable

KINDS = ("inquiry", "complaint")
MAX_CONTACT = 200
MAX_RECORDING = 500
UNKEEPABLE = N_("The text holds signs that cannot be kept: type it again, or paste it as plain text.")
NO_SUCH_FIELD = N_("This category does not ask for this value.")
NO_LEVEL = N_("Choose the level: by this procedure no complaint is classified without one.")
NEEDED_AT_INTAKE = N_("This must be known before the complaint is logged.")
CLOCK_SKEW = timedelta(minutes=2)  # a phone's clock may run a little ahead
EMAIL = "email"
"""The channel of mails, in every organisation's list."""
BY_FORM, BY_API, BY_MAIL = "form", "api", "mail"
"""The source of what was typed into the form, of what a program sent (D41), and of what came by e-mail (D43)."""
AS_IT_CAME = frozenset({None, BY_FORM, BY_API, BY_MAIL})
"""The sources of what is logged as it comes in; any other names where a complaint was imported from."""


class Draft(NamedTuple):
    """A complaint as handed in; ``recorded_at`` is when POPS's channel recorded it, the start of its clock (D4).

    ``kind``: inquiry or complaint, where whoever logs it classifies it at once. ``recording``: where the recording of
    the call lies, kept elsewhere. ``details``: field of its category → the value as it was written. ``issues``: the
    categories of further issues (D34). ``is_closed``: it comes in as closed, and nobody knows since when.
    """

    channel: str
    recorded_at: datetime
    statement: str
    category: str
    procedure: str = ""  # the organisation's first
    customer: CustomerDraft = CustomerDraft()
    sent_at: datetime | None = None
    incident_at: datetime | None = None
    remedy: str = ""
    product: str | None = None
    platform: str | None = None
    level: str | None = None
    branch: str | None = None
    kind: str | None = None
    recording: str = ""
    details: Mapping[str, str] = MappingProxyType({})
    issues: tuple[str, ...] = ()
    files: tuple[FileDraft, ...] = ()
    source: str | None = None
    external_ref: str | None = None
    is_closed: bool = False


def problems(
    draft: Draft,
    procedure: Procedure,
    catalogues: Catalogues,
    days: CalendarDays,
    *,
    now: datetime,
    is_live: bool = True,
) -> dict[str, str]:
    """Field (``details.KEY`` for a value of its category) → sentence template for what must be mended; else empty.

    ``is_live``: somebody logs it now; what comes in with its history need not say what its category must know, and may
    name what is no longer offered (D20).
    """
    found: dict[str, str] = {}
    _check_words(draft, procedure, catalogues, found, is_live=is_live)
    _check_texts(draft, found)
    _check_moments(draft, days, now, found)
    found |= customer_problems(draft.customer)
    _check_details(draft, catalogues, found, is_live=is_live)
    return found


def branch_problem(draft: Draft, by: Actor | None, known: Catalogues) -> dict[str, str]:
    """What stands in the way of ``by`` logging for the draft's branch; empty where nothing does (D32)."""
    allowed = policy.branches_of(by, known) if by is not None else None
    if allowed is None or draft.branch in allowed:
        return {}
    return {"branch": N_("Choose your own branch: you would not see this complaint again.")}


def kind_problem(draft: Draft, by: Actor | None) -> dict[str, str]:
    """What stands in the way of ``by`` saying at once what kind of matter it is: only who classifies may."""
    if draft.kind is None or by is None or roles.may(by.role, "classify"):
        return {}
    return {"kind": N_("Customer care says what kind of matter it is: leave this open.")}


CHOICES = {
    "channel": ("channels", N_("Choose the channel the complaint came through.")),
    "category": ("categories", N_("Choose what the complaint is about.")),
    "product": ("products", N_("Choose a product from the list, or leave it empty.")),
    "platform": ("platforms", N_("Choose a platform from the list, or leave it empty.")),
    "branch": ("branches", N_("Choose a branch from the list, or leave it empty.")),
}
"""Field → the catalogue whose offered entries it takes, and the sentence for anything else."""
LISTED_IN = {name: listed_in for name, (listed_in, _sentence) in CHOICES.items()} | {"level": "levels"}
"""Field → the catalogue whose keys it holds."""


def taken_as(draft: Draft, catalogues: Catalogues) -> dict[str, str | None]:
    """Field → the key under which the complaint is recorded: of an entry that was merged, the one it was merged into.

    A form never names a merged entry, an old file does.
    """
    return {
        name: counted_as(getattr(catalogues, listed_in), key) if (key := getattr(draft, name)) else key
        for name, listed_in in LISTED_IN.items()
    }


def detail_fields(draft: Draft, categories: Catalogue, *, is_live: bool) -> dict[str, Field]:
    """What its category must know, and those of its further issues (D34).

    An old file may give what is no longer asked for; where its category was merged, also what that one asked for.
    """
    among = (counted_as(categories, draft.category), draft.category, *draft.issues)
    return details.fields_of_all(categories, among, retired=not is_live)


def _check_words(
    draft: Draft, procedure: Procedure, catalogues: Catalogues, found: dict[str, str], *, is_live: bool
) -> None:
    def may_say(listed_in: str, key: str) -> bool:
        catalogue: Catalogue = getattr(catalogues, listed_in)
        return is_offered(catalogue, key) if is_live else key in catalogue

    if not all(may_say("categories", category) for category in draft.issues):
        found["issues"] = N_("Choose what else it is about from the list.")
    elif len(draft.issues) >= MOST:
        found["issues"] = N_("A case holds ten issues at most: log what goes beyond as a case of its own.")
    for name, (listed_in, sentence) in CHOICES.items():
        key = getattr(draft, name)
        if key is not None and not may_say(listed_in, key):
            found[name] = sentence
    if draft.kind is not None and draft.kind not in KINDS:
        found["kind"] = N_("Choose whether this is an inquiry or a complaint.")
    if draft.level is not None and not (procedure.gives_levels and may_say("levels", draft.level)):
        found["level"] = N_("Choose a level of this procedure, or leave it empty.")
    elif is_live and draft.level is None and procedure.demands_level(draft.kind):
        found["level"] = NO_LEVEL


def _check_texts(draft: Draft, found: dict[str, str]) -> None:
    if not draft.statement.strip():
        found["statement"] = N_("Write what the customer says, in their words.")
    elif len(draft.statement) > MAX_TEXT:
        found["statement"] = N_("The text is longer than 20,000 characters: shorten it or attach it as a file.")
    if len(draft.remedy) > MAX_TEXT:
        found["remedy"] = N_("The text is longer than 20,000 characters: shorten it or attach it as a file.")
    for name, text in (("statement", draft.statement), ("remedy", draft.remedy)):
        if text and keepable(text) != text:
            found[name] = UNKEEPABLE
    if draft.recording and (problem := recording_problem(draft.recording.strip())):
        found["recording"] = problem


def recording_problem(place: str) -> str | None:
    """What is wrong with where a recording lies: its id in the telephone system, or an address; None for nothing."""
    if len(place) > MAX_RECORDING or "\n" in place:
        return N_("Give the id or the address of the recording: one line, at most 500 characters.")
    return UNKEEPABLE if keepable(place) != place else None


def _check_details(draft: Draft, catalogues: Catalogues, found: dict[str, str], *, is_live: bool) -> None:
    if not draft.details and not is_live:
        return
    fields = detail_fields(draft, catalogues.categories, is_live=is_live)
    for key, text in draft.details.items():
        wrong = details.problem(fields[key], text) if key in fields else NO_SUCH_FIELD
        if wrong is not None and draft.category in catalogues.categories:
            found[f"details.{key}"] = wrong
    if is_live:
        given = [key for key, text in draft.details.items() if text.strip()]
        for one in details.missing(fields.values(), given, "intake"):
            found[f"details.{one.key}"] = NEEDED_AT_INTAKE


def _check_moments(draft: Draft, days: CalendarDays, now: datetime, found: dict[str, str]) -> None:
    if draft.recorded_at > now + CLOCK_SKEW:
        found["recorded_at"] = N_("The time of receipt lies in the future: give the time it reached us.")
    elif local_day(draft.recorded_at).year < days.first_year:
        found["recorded_at"] = N_("The time of receipt lies before the first year of the calendar: check the year.")
    if draft.incident_at is not None and draft.incident_at > draft.recorded_at + CLOCK_SKEW:
        found["incident_at"] = N_("The incident cannot come after the complaint: check both times.")
    if draft.sent_at is not None and draft.sent_at > draft.recorded_at + CLOCK_SKEW:
        found["sent_at"] = N_("It cannot be sent after it reached us: check both times.")


def customer_problems(customer: CustomerDraft) -> dict[str, str]:
    """Detail → sentence template for what must be mended of a contact; else empty."""
    found: dict[str, str] = {}
    for name in DETAILS:
        text = getattr(customer, name)
        if not text:
            continue
        if len(text) > MAX_CONTACT:
            found[name] = N_("At most 200 characters fit here: put the rest into the text.")
        elif keepable(text) != text:
            found[name] = UNKEEPABLE
    for name, wrong in (("phone", phone_problem(customer.phone)), ("email", email_problem(customer.email))):
        if wrong is not None:
            found.setdefault(name, wrong)
    return found
