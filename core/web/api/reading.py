"""JSON as it was sent → what the register takes, with a sentence for each field that is not what it must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

from core.i18n import N_
from core.register.api.messages import KINDS, Message
from core.register.case.customers import DETAILS, CustomerDraft
from core.register.case.draft import UNKEEPABLE, Draft
from core.register.case.evidence import FileDraft
from core.rules.text import keepable, nfc

TEXTS = ("statement", "category", "remedy")
CHOICES = ("product", "platform", "branch")
MOMENTS = ("incident_at", "sent_at")
CUSTOMER, FACTS = "customer", "details"
OF_COMPLAINT = (*TEXTS, *CHOICES, *MOMENTS, CUSTOMER, FACTS)
OF_MESSAGE = ("kind", "text", "version")
YEARS = range(2000, 2101)
LARGEST = 2**31 - 1
FIELDS: Mapping[str, str] = {name: f"{CUSTOMER}.{name}" for name in DETAILS}
"""Name of a field in the register → its name in the API, where that is another one."""

NO_SUCH_FIELD = N_("There is no such field.")
NO_TEXT = N_("This must be a text.")
NO_MOMENT = N_("This must be a time with its zone, like 2026-11-20T16:02:00+07:00, of the years 2000 to 2100.")
NO_OBJECT = N_("This must be an object with texts.")
NO_NUMBER = N_("This must be a whole number from 1 on.")

Found = dict[str, str]


def complaint(
    sent: Mapping[str, object], files: tuple[FileDraft, ...], channel: str, now: datetime
) -> tuple[Draft, Found]:
    """The draft, received ``now``, and field → sentence template for what could not be read."""
    wrong = _unknown(sent, OF_COMPLAINT)
    texts = {name: _text(sent, name, wrong) for name in TEXTS}
    choices = {name: _text(sent, name, wrong) or None for name in CHOICES}
    moments = {name: _moment(sent, name, wrong) for name in MOMENTS}
    contact = _object(sent, CUSTOMER, wrong)
    wrong |= {f"{CUSTOMER}.{name}": said for name, said in _unknown(contact, DETAILS).items()}
    customer = {name: _text(contact, name, wrong, CUSTOMER) for name in DETAILS}
    given = _object(sent, FACTS, wrong)
    facts = {name: _text(given, name, wrong, FACTS) for name in given}
    draft = Draft(
        channel=channel,
        recorded_at=now,
        statement=texts["statement"],
        category=texts["category"],
        remedy=texts["remedy"],
        customer=CustomerDraft(**customer),
        details=facts,
        files=files,
        product=choices["product"],
        platform=choices["platform"],
        branch=choices["branch"],
        incident_at=moments["incident_at"],
        sent_at=moments["sent_at"],
    )
    return draft, wrong


def message(sent: Mapping[str, object], files: tuple[FileDraft, ...], code: str, secret: str) -> tuple[Message, Found]:
    """What the customer says, and field → sentence template for what could not be read."""
    wrong = _unknown(sent, OF_MESSAGE)
    kind, text = _text(sent, "kind", wrong), _text(sent, "text", wrong)
    if kind not in KINDS:
        wrong["kind"] = N_("One of add, accept, refuse.")
    version = sent.get("version")
    if version is not None and not (type(version) is int and 1 <= version <= LARGEST):
        wrong["version"] = NO_NUMBER
    return Message(code, secret, kind, text, files, cast("int | None", version)), wrong


def _unknown(sent: Mapping[str, object], known: Iterable[str]) -> Found:
    return {keepable(name)[:64]: NO_SUCH_FIELD for name in sent if name not in known}


def _text(sent: Mapping[str, object], name: str, wrong: Found, within: str = "") -> str:
    """The text in NFC; empty where there is none."""
    found, at = sent.get(name), keepable(f"{within}.{name}" if within else name)[:64]
    if found is None:
        return ""
    if not isinstance(found, str):
        wrong[at] = NO_TEXT
        return ""
    if keepable(found) != found:
        wrong[at] = UNKEEPABLE
        return ""
    return nfc(found)


def _moment(sent: Mapping[str, object], name: str, wrong: Found) -> datetime | None:
    found = sent.get(name)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
        utc = moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        utc = None
    if utc is None or utc.year not in YEARS:
        wrong[name] = NO_MOMENT
        return None
    return utc


def _object(sent: Mapping[str, object], name: str, wrong: Found) -> Mapping[str, object]:
    found = sent.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        wrong[name] = NO_OBJECT
        return {}
    return found
