"""Which of the allowed steps a person most likely wants next, drawn as a table over the states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LIKELY: Mapping[str, tuple[str, ...]] = {
    "received": ("acknowledge",),
    "acknowledged": ("classify",),
    "classified": ("forward", "notify_result", "ask_customer"),
    "investigating": ("notify_result", "forward", "ask_customer"),
    "waiting_customer": ("record_reply", "notify_result"),
    "resolved": ("close",),
    "closed": ("note", "add_evidence", "reopen"),
    "withdrawn": ("note", "add_evidence"),
}
LAST = ("classify", "assign", "note", "add_evidence", "reopen", "withdraw")  # possible nearly always, meant seldom


def ranked(verbs: Sequence[str], state: str, kind: str | None, waiting_department: bool) -> tuple[str, ...]:
    """``verbs`` with the likeliest first: an answer that is waited for, then the procedure's next step, then the rest."""
    first: tuple[str, ...] = ("answer",) if waiting_department else ()
    if kind == "inquiry" and state == "classified":
        first += ("notify_result",)  # an inquiry answered from published information goes straight on (POPS step 3A)
    order = dict.fromkeys((*first, *LIKELY.get(state, ())))
    middle = [verb for verb in verbs if verb not in order and verb not in LAST]
    rest = [verb for verb in LAST if verb not in order]
    return tuple(verb for verb in (*order, *middle, *rest) if verb in verbs)
