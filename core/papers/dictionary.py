"""The data dictionary: every column an export or the explore table can have, what it means, and who may read it whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.i18n import N_, gettext
from core.insight import dimensions

Kind = Literal["text", "code", "moment", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key for ever, its label and meaning (msgids), and what its cells are.

    ``code``: a key of a catalogue. ``moment``: UTC here, local time in a file. ``number``: whole numbers only, so that no
    decimal sign can be misread. ``personal``: masked for roles that may not know the person. ``told``: read from the register
    row by row, everything else comes from the facts. ``obligation``: only where each row is an obligation.
    """

    key: str
    label: str
    meaning: str
    kind: Kind = "text"
    personal: bool = False
    told: bool = False
    obligation: bool = False


# The screens' words for where a complaint stands (core.ui.badges); a test holds the two together.
STATES: Mapping[str, str] = {
    "received": N_("To acknowledge"),
    "acknowledged": N_("To classify"),
    "classified": N_("To be handled"),
    "investigating": N_("Being handled"),
    "waiting_customer": N_("Waiting for the customer"),
    "resolved": N_("To close"),
    "closed": N_("Closed"),
    "withdrawn": N_("Taken back"),
}

COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("code", N_("Case code"), N_("The complaint's code, the same for ever.")),
        Column(
            "stage",
            N_("Obligation"),
            N_("What was promised: acknowledge or notify the result."),
            "code",
            obligation=True,
        ),
        Column(
            "cycle",
            N_("Cycle"),
            N_("1 for the first promise, 2 after the first re-opening (D6)."),
            "number",
            obligation=True,
        ),
        Column("starts_at", N_("Clock from"), N_("When this clock began to run (D4)."), "moment", obligation=True),
        Column("due_at", N_("Due"), N_("The deadline as it was promised."), "moment", obligation=True),
        Column("stopped_at", N_("Done at"), N_("When the promise was kept, late or not."), "moment", obligation=True),
        Column("minutes", N_("Working minutes"), N_("Open office time from start to stop."), "number", obligation=True),
        Column(
            "verdict",
            N_("Verdict"),
            N_("Met, missed, overdue, not yet due or withdrawn, at the moment of the export (D10)."),
            "code",
            obligation=True,
        ),
        Column("kind", N_("Kind"), N_("Inquiry or complaint; empty until classified."), "code"),
        Column("category", N_("Category"), N_("What it is about (POPS step 3B)."), "code"),
        Column("level", N_("Level"), N_("The procedure's own level of severity, where it has one."), "code"),
        Column("channel", N_("Channel"), N_("How it reached us."), "code"),
        Column("product", N_("Product"), N_("What it concerns."), "code"),
        Column("platform", N_("Platform"), N_("Where the customer used it."), "code"),
        Column("procedure", N_("Procedure"), N_("The procedure it is handled under."), "code"),
        Column("state", N_("State"), N_("Where it stands."), "code"),
        Column("department", N_("Department"), N_("The department it was last forwarded to."), "code"),
        Column("assignee", N_("Assigned to"), N_("The colleague who has it."), told=True),
        Column(
            "recorded_at",
            N_("Recorded"),
            N_("When our channel recorded it: the start of “acknowledge” (D4)."),
            "moment",
        ),
        Column("sent_at", N_("Sent"), N_("When the customer sent it, where that is known."), "moment", told=True),
        Column("incident_at", N_("Incident"), N_("When what it is about happened, as the customer says."), "moment"),
        Column("acknowledged_at", N_("Acknowledged"), N_("When somebody first answered."), "moment"),
        Column("resolved_at", N_("Result notified"), N_("When the customer was last told the result."), "moment"),
        Column("closed_at", N_("Closed at"), N_("When it was closed or taken back; empty while open."), "moment"),
        Column(
            "acknowledge_due_at", N_("Acknowledge: due"), N_("The deadline of “acknowledge” as promised."), "moment"
        ),
        Column("acknowledge_verdict", N_("Acknowledge: verdict"), N_("What became of that promise (D10)."), "code"),
        Column("acknowledge_minutes", N_("Acknowledge: working minutes"), N_("Open office time it took."), "number"),
        Column("resolve_due_at", N_("Result: due"), N_("The deadline of the first result as promised."), "moment"),
        Column(
            "resolve_verdict",
            N_("Result: verdict"),
            N_("What became of the first promise; re-openings leave it alone (D6)."),
            "code",
        ),
        Column(
            "resolve_minutes", N_("Result: working minutes"), N_("Open office time the first result took."), "number"
        ),
        Column(
            "broken",
            N_("Promises broken"),
            N_("How many promises of this complaint were missed or are overdue."),
            "number",
        ),
        Column("outcome", N_("Outcome"), N_("How it ended."), "code"),
        Column("root_cause", N_("Root cause"), N_("Why it happened, as found."), "code"),
        Column("breach_reason", N_("Reason of the miss"), N_("Why a deadline was missed."), "code"),
        Column("reopened", N_("Times re-opened"), N_("How often it was opened again."), "number", told=True),
        Column("customer_name", N_("Customer"), N_("The customer's name."), personal=True, told=True),
        Column("phone", N_("Phone"), N_("The customer's phone number as given."), personal=True, told=True),
        Column("email", N_("E-mail"), N_("The customer's address as given."), personal=True, told=True),
        Column("account", N_("Account"), N_("The customer's login account as given."), personal=True, told=True),
        Column(
            "statement",
            N_("What the customer says"),
            N_("The complaint in the customer's words."),
            personal=True,
            told=True,
        ),
        Column("remedy", N_("Remedy sought"), N_("What the customer asks for."), personal=True, told=True),
        Column(
            "source",
            N_("Source"),
            N_("The file or system it was imported from; empty for what was logged here."),
            told=True,
        ),
        Column("external_ref", N_("Reference there"), N_("Its reference in that source."), told=True),
    )
}
USUAL = (
    "code",
    "recorded_at",
    "channel",
    "category",
    "kind",
    "product",
    "state",
    "department",
    "acknowledge_due_at",
    "acknowledge_verdict",
    "resolve_due_at",
    "resolve_verdict",
    "closed_at",
    "outcome",
    "root_cause",
    "breach_reason",
)
USUAL_OBLIGATION = (
    "code",
    "stage",
    "verdict",
    "starts_at",
    "due_at",
    "stopped_at",
    "minutes",
    "category",
    "channel",
    "department",
    "state",
    "breach_reason",
)


def usual(*, obligations: bool) -> tuple[str, ...]:
    """The columns shown until others are chosen."""
    return USUAL_OBLIGATION if obligations else USUAL


def known(*, obligations: bool) -> dict[str, Column]:
    """The columns that rows of obligations, or of complaints, can have; in the order of the dictionary."""
    return {key: column for key, column in COLUMNS.items() if obligations or not column.obligation}


def chosen(keys: Iterable[str], *, obligations: bool) -> tuple[Column, ...]:
    """The columns of these keys in the order given, each once; unknown ones are passed over, none left means the usual."""
    columns = known(obligations=obligations)
    found = tuple(columns[key] for key in dict.fromkeys(keys) if key in columns)
    return found or tuple(columns[key] for key in usual(obligations=obligations))


def names(column: Column) -> dict[str, str]:
    """Key → name in the reader's language, for the cells of a ``code`` column."""
    if column.key == "state":
        return {key: gettext(word) for key, word in STATES.items()}
    dimension = "verdict" if column.key.endswith("_verdict") else column.key
    return {key: dimensions.name_of(dimension, key) for key in dimensions.keys(dimension)}
