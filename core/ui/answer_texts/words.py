"""The words of answer texts: where one is offered, how it stands, how often it was used."""

from __future__ import annotations

from core.catalogues import catalogues, name_of
from core.i18n import N_, named, ngettext, number
from core.i18n import gettext as _
from core.register.log.tables import AnswerText
from core.register.organisation.answer_texts import Standing, Uses
from core.rules.answer_text import APPROVED, DRAFT, DROPPED, RETIRED, Text

STATUSES = {
    DRAFT: N_("waits for approval"),
    APPROVED: N_("in use"),
    DROPPED: N_("dropped"),
    RETIRED: N_("no longer in use"),
}
"""What a version of this status is called."""


def status(standing: Standing) -> str:
    """How the text stands; what is offered and has a draft beside it is named by the draft."""
    if standing.offered is None:
        return _(STATUSES[standing.newest.status])
    return _("new version waits") if standing.draft else _(STATUSES[APPROVED])


def step(standing: Standing, row: AnswerText) -> str:
    """What this version did to the text; a draft that was decided on waits no more."""
    is_decided = row.status == DRAFT and row is not standing.draft
    return _("draft") if is_decided else _(STATUSES[row.status])


def places(text: Text) -> str:
    """Where it is offered: ``Thanh toán · thông báo kết quả · Email``, or everywhere."""
    known = catalogues()
    parts = [
        name_of(known.categories, text.category) if text.category else "",
        named("step", text.step) if text.step else "",
        name_of(known.channels, text.channel) if text.channel else "",
    ]
    return " · ".join(part for part in parts if part) or _("everywhere")


def use(uses: Uses) -> str:
    """How often, of late, changed, and in which steps."""
    if not uses.times:
        return _("Not used yet.")
    times = ngettext("Used {n} time", "Used {n} times", uses.times).format(n=number(uses.times))
    steps = ", ".join(f"{named('step', step).lower()} {number(n)}" for step, n in uses.steps.items())
    return _("{times} ({steps}); {recent} in the last 90 days; changed before it was sent: {changed}.").format(
        times=times, steps=steps, recent=number(uses.recent), changed=number(uses.changed)
    )
