"""A procedure read as a page: the flow, every term with its source, guides, rules, papers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.catalogues import catalogues
from core.i18n import gettext as _
from core.i18n import label, named, ngettext, number
from core.rules.catalogue import Entry
from core.rules.procedure import Procedure, Term
from core.rules.terms import promises_less_than_law
from core.ui.procedures import flow, words
from core.ui.text import Markdown, joined, md, plain


def show(procedure: Procedure, *, beneath: Callable[[], None]) -> None:
    """The whole procedure, in the order in which somebody learns it; ``beneath``: what stands under its flow."""
    with st.container(border=True):
        flow.show(procedure, key="procedures_flow")
    beneath()
    st.subheader(_("Terms"), anchor=False)
    tiles = st.grid(2, min_column_width=280, border=True, key="procedures_terms")  # one below the other on a phone
    for term in procedure.terms:
        with tiles.container(gap="xsmall"):
            _term(term)
    if promises_less_than_law(procedure):
        st.caption(
            _("The law (19/2023, art. 57) gives a customer who asks to negotiate 7 working days, which is sooner.")
        )
    if own := [one for one in catalogues().products.values() if one.reply_days or one.complaint_days]:
        _products(own, procedure)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        _hours(procedure)
    with right.container(border=True, height="stretch"):
        _rules(procedure)
    if procedure.guides:
        with st.container(border=True):
            _guides(procedure)


def _term(term: Term) -> None:
    name = md("**{name}**", name=label(term.label, term.label_en))
    st.markdown(joined(" · ", (name, plain(words.amount(term.amount, term.unit)))))
    st.markdown(md(_("From: {start}  \nUntil: {end}"), start=words.starts(term), end=words.ends(term)))
    _source(term.rule, term.source)
    st.caption(plain(_sentence(words.more(term))))


def _source(rule: str, source: str = "") -> None:
    """What the source says; the number of the decision is for whoever changes it (``core.ui.procedures.change``)."""
    st.markdown(md(":gray[:material/format_quote:] {rule}", rule=rule))
    if source:
        st.caption(plain(source))


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _products(own: list[Entry], procedure: Procedure) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(_("**Products with their own terms**"))
        st.markdown(joined("\n", (md("- {line}", line=_product(one, procedure)) for one in own)))
        st.caption(_("A complaint keeps the reply term that its product had when it was recorded."))


def _product(one: Entry, procedure: Procedure) -> str:
    parts = []
    if one.reply_days:
        days = ngettext("{n} working day", "{n} working days", one.reply_days).format(n=number(one.reply_days))
        parts.append(_("result within {amount}").format(amount=days))
    if one.complaint_days and procedure.admissible:
        period = words.amount(one.complaint_days, procedure.admissible.unit)
        parts.append(_("complaints are taken for {amount}").format(amount=period))
    name = label(one.vi, one.en)
    return f"{name}: {'; '.join(parts) or '–'}"


def _hours(procedure: Procedure) -> None:
    st.subheader(_("Office hours"), anchor=False)
    st.markdown(plain(words.hours(procedure)))
    if not procedure.hours_stated:
        st.markdown(_("No office hours are stated: working days are counted whole."))
    _source(procedure.hours_rule)


def _rules(procedure: Procedure) -> None:
    st.subheader(_("Rules"), anchor=False)
    admissible, conciliation = procedure.admissible, procedure.conciliation
    if admissible:
        amount = words.amount(admissible.amount, admissible.unit)
        st.markdown(md(_("**A complaint is taken** within {amount} after the incident."), amount=amount))
        _source(admissible.rule, admissible.source)
    if conciliation:
        rounds = ngettext("{n} round", "{n} rounds", conciliation.rounds).format(n=number(conciliation.rounds))
        st.markdown(md(_("**Conciliation**: {rounds}"), rounds=rounds))
        _source(conciliation.rule)
    pauses = _("stop while an answer of the customer is awaited") if procedure.pause_on else _("never stop")
    st.markdown(md(_("**Clocks** {pauses}."), pauses=pauses))
    if procedure.papers:
        st.markdown(_list(_("Papers"), [named("paper", key) for key in procedure.papers]))
    if procedure.flags:
        st.markdown(_list(_("Special to this procedure"), [named("flag", key) for key in sorted(procedure.flags)]))


def _list(title: str, items: list[str]) -> Markdown:
    return joined("\n", (md("**{title}**\n", title=title), *(md("- {item}", item=item) for item in items)))


def _guides(procedure: Procedure) -> None:
    st.subheader(_("Guides"), anchor=False, help=_("How long a stage is meant to take; no promise, and in no rate."))
    lines = (
        md(
            "- **{name}** · {span} :gray[· {source}]",
            name=label(one.label, one.label_en),
            span=words.span(one),
            source=one.source,
        )
        for one in procedure.guides
    )
    st.markdown(joined("\n", lines))
