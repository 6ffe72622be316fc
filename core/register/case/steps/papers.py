"""A paper is issued to the customer (D39): which one, and what it says; its number and its PDF are made with saving."""

from __future__ import annotations

from core.i18n import N_
from core.register.case.payload import Payload
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules.steps import ISSUE

TO_BE_WRITTEN = "[nêu kết quả giải quyết]"
"""Stands in a text that was begun where no result was known; a paper is not issued with it."""
LONGEST = 10_000


def issue(situation: Situation, fields: StepFields) -> Content:
    """One of the papers that are offered now, or a corrected one of a kind that was issued."""
    read, replaced = Reader(ISSUE, situation, fields), fields.get("replaces") or ""
    its_kind = situation.papers.get(replaced)
    known = {*situation.offers} | ({its_kind} if its_kind else set())
    paper = read.word("paper", fields.get("paper"), known, N_("Choose a paper that is offered at this step."))
    if replaced and (its_kind is None or its_kind != paper):
        read.problems["replaces"] = N_("Choose a paper of the same kind that was issued for this case.")
    text = read.text("text", fields.get("text"), N_("Write what the paper says."))
    if len(text) > LONGEST:
        read.problems["text"] = N_("The text of a paper is at most 10,000 characters.")
    if TO_BE_WRITTEN in text:
        read.problems["text"] = N_("The paper still says that the result is to be written: write it.")
    said = Payload(paper=paper or "")
    return read.done(said | (Payload(replaces=replaced) if replaced else Payload()), {"text_id": ("paper", text)})


RECORDINGS = {ISSUE: Recording(issue)}
