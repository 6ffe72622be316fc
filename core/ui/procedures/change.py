"""The form of a changed procedure: looked at over the last quarter first, then taken into use as a new version (D9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import streamlit as st

from core.errors import Invalid, PopsError
from core.i18n import N_, WEEKDAYS, day, label, language, ngettext, number, percent, sentence
from core.i18n import gettext as _
from core.insight import facts, hypotheses, whatif
from core.insight.filters import DEFAULT
from core.insight.whatif import Answer, Hypothesis, TermEffect
from core.register import rulebook
from core.register.log.act import Act
from core.register.organisation import procedure_versions
from core.rules.calendar import local_day
from core.rules.days import Intervals
from core.rules.procedure import WEEK, AfterHours, Guide, Procedure, Term, Unit, interval_of, interval_text
from core.ui import address, doing
from core.ui.context import PageContext
from core.ui.fields import DATE_FORMAT, mend
from core.ui.pages import file_of
from core.ui.procedures import words
from core.ui.text import joined, md, plain

STATE = "procedures_change"
HOURS = N_("Write hours like 08:30-12:00, 13:00-17:30, or leave the day empty.")
HELP = {
    "decision": N_(
        "By which decision of the organisation the source is read this way. D1, D2 … are those that came with the "
        "program: docs/domain.md says each in a sentence."
    )
}
MOST = 400  # of any unit; a longer promise is a mistake


@dataclass
class Change:
    """A change being made in this browser tab to version ``base`` of procedure ``key``: what stands in its way.

    ``looked_at`` and ``effect`` belong together: another value on the form needs another look. ``round`` names the
    fields: what follows an applied change starts from the new version.
    """

    key: str
    base: int
    problems: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    looked_at: Procedure | None = None
    effect: Answer | None = None
    round: int = 1


def show(context: PageContext, newest: Procedure) -> None:
    """The form over the newest version, its effect, and the button that applies it."""
    change = _of_tab(newest)
    with context.register.read() as session:
        procedure = rulebook.of(session).procedure(session, change.key, change.base)
    st.markdown(_("What you change becomes a new version. Complaints recorded before it keep their deadlines."))
    wanted, unread = _form(procedure, change)
    if newest.version != procedure.version:
        _show_overtaken(change, procedure, newest, wanted)
        return
    applies_on = _applies_on(context, change)
    with st.container(horizontal=True):
        is_seen = change.looked_at == wanted
        look = st.button(
            _("Look at the effect"),
            icon=":material/visibility:",
            type="secondary" if is_seen else "primary",
            key="procedures_look",
        )
        st.button(_("Leave it as it is"), type="tertiary", key="procedures_leave", on_click=leave)
    if look:
        _look(context, change, procedure, wanted, unread)
        st.rerun()
    if change.refused:
        st.error(plain(change.refused), icon=":material/error:")
    if is_seen and change.effect is not None:
        _show_effect(context, change.effect, procedure, wanted)
        if st.button(_("Take into use"), icon=":material/check:", type="primary", key="procedures_apply"):
            _apply(context, change, wanted, applies_on)
            st.rerun()


def leave() -> None:
    """Forget the change."""
    change: Change = st.session_state[STATE]
    st.session_state[STATE] = replace(Change(change.key, 0), round=change.round + 1)
    address.put(edit=None)


def _of_tab(newest: Procedure) -> Change:
    """The change of this tab; a new one to ``newest`` where there is none of that procedure."""
    change: Change = st.session_state.get(STATE) or Change(newest.key, 0)
    if change.key != newest.key or not change.base:
        change = Change(newest.key, newest.version, round=change.round)
    st.session_state[STATE] = change
    return change


def _show_overtaken(change: Change, base: Procedure, newest: Procedure, wanted: Procedure) -> None:
    """Somebody else was faster: what they changed, and the way to go on with what was typed."""
    st.error(
        _("Somebody changed this procedure meanwhile: see what changed, then look at the effect again."),
        icon=":material/error:",
    )
    lines = procedure_versions.differences(base, newest)
    st.markdown(joined("\n", (md("- {line}", line=words.change(one, newest)) for one in lines)))
    st.button(
        md(_("Go on from version {version} with what I typed"), version=newest.version),
        type="primary",
        key="procedures_go_on",
        on_click=_go_on,
        args=(change, base, newest, wanted),
    )


def _go_on(change: Change, base: Procedure, newest: Procedure, wanted: Procedure) -> None:
    """The form over ``newest``; the fields that this person changed keep what they hold."""
    after = Change(change.key, newest.version, round=change.round + 1)
    for one in procedure_versions.differences(base, wanted):
        name = f"{one.key}.{one.what}"
        st.session_state[f"{_root(after)}.{name}"] = st.session_state[f"{_root(change)}.{name}"]
    st.session_state[STATE] = after


def _root(change: Change) -> str:
    """What the keys of the form's fields begin with; the rest is the key and name of ``procedure_versions.values``."""
    return f"procedures.{change.key}.{change.round}"


def _form(procedure: Procedure, change: Change) -> tuple[Procedure, dict[str, str]]:
    """The procedure as the fields say it, and what in them cannot be read."""
    unread: dict[str, str] = {}
    root = _root(change)
    with st.expander(_("What it is called"), icon=":material/badge:"):
        names = {
            name: _text(
                name, getattr(procedure, name), f"{root}.procedure.{name}", change.problems, f"procedure.{name}"
            )
            for name in procedure_versions.NAMES
        }
    terms = tuple(_term(term, root, change.problems) for term in procedure.terms)
    guides = _guides(procedure, root, change.problems)
    with st.expander(_("Office hours"), icon=":material/schedule:"):
        wanted = _hours(procedure, root, change.problems, unread)
    name, name_en, organisation = names.values()
    wanted = replace(wanted, name=name, name_en=name_en, organisation=organisation)
    return replace(wanted, terms=terms, guides=guides), unread


def _term(term: Term, root: str, problems: Mapping[str, str]) -> Term:
    at = f"terms.{term.key}"
    with st.container(border=True):
        st.subheader(plain(label(term.label, term.label_en)), anchor=False)
        with st.container(horizontal=True):
            amount = _number(_("Amount"), f"{root}.{at}.amount", term.amount, least=1)
            unit = _choice(_("Unit"), list(Unit), term.unit, f"{root}.{at}.unit", words.unit)
            share = st.number_input(
                _("Near after, % of the time"),
                1,
                99,
                round(term.warn_at * 100),
                key=f"{root}.{at}.warn_at",
                persist_state="page",
                width=190,
            )
        after = _choice(
            _("What arrives outside office hours"),
            list(AfterHours),
            term.after_hours,
            f"{root}.{at}.after_hours",
            words.after_hours,
        )
        rule, source, decision = (
            _text(name, getattr(term, name), f"{root}.{at}.{name}", problems, f"{at}.{name}")
            for name in ("rule", "source", "decision")
        )
    warn_at = term.warn_at if share == round(term.warn_at * 100) else share / 100
    return replace(
        term,
        amount=amount,
        unit=Unit(unit),
        warn_at=warn_at,
        after_hours=AfterHours(after),
        rule=rule,
        source=source,
        decision=decision,
    )


def _guides(procedure: Procedure, root: str, problems: Mapping[str, str]) -> tuple[Guide, ...]:
    if not procedure.guides:
        return ()
    found = []
    with st.expander(_("Guides, in working days"), icon=":material/flag:"):
        for guide in procedure.guides:
            at = f"guides.{guide.key}"
            st.markdown(md("**{name}**", name=label(guide.label, guide.label_en)))
            with st.container(horizontal=True):
                least = _number(_("At least"), f"{root}.{at}.at_least", guide.at_least, least=0)
                most = _number(_("At most"), f"{root}.{at}.at_most", guide.at_most, least=0)
            mend(problems, f"{at}.at_most")
            source = _text("source", guide.source, f"{root}.{at}.source", problems, f"{at}.source")
            found.append(replace(guide, at_least=least, at_most=most, source=source))
    return tuple(found)


def _hours(procedure: Procedure, root: str, problems: Mapping[str, str], unread: dict[str, str]) -> Procedure:
    stated = st.checkbox(
        _("The source states office hours"), procedure.hours_stated, key=f"{root}.hours.stated", persist_state="page"
    )
    week: list[Intervals] = []
    for weekday, intervals in enumerate(procedure.week):
        name = f"hours.{WEEK[weekday]}"
        typed = st.text_input(
            plain(WEEKDAYS[language()][weekday]),
            ", ".join(map(interval_text, intervals)),
            key=f"{root}.{name}",
            placeholder=_("closed all day"),
            max_chars=100,
            persist_state="page",
        )
        try:
            week.append(tuple(interval_of(one) for one in (typed or "").split(",") if one.strip()))
        except ValueError:
            unread[name] = HOURS
            week.append(intervals)
        mend(problems, name)
    texts = {
        name: _text(name, getattr(procedure, f"hours_{name}"), f"{root}.hours.{name}", problems, f"hours.{name}")
        for name in ("rule", "decision")
    }
    return replace(
        procedure, week=tuple(week), hours_stated=stated, hours_rule=texts["rule"], hours_decision=texts["decision"]
    )


def _number(name: str, key: str, value: int, *, least: int) -> int:
    return int(st.number_input(plain(name), least, MOST, value, key=key, persist_state="page", width=150))


def _choice(name: str, keys: Sequence[str], value: str, key: str, words: Callable[[str], str]) -> str:
    chosen: str = st.selectbox(
        plain(name), [str(one) for one in keys], keys.index(value), format_func=words, key=key, persist_state="page"
    )
    return chosen


def _text(name: str, value: str, key: str, problems: Mapping[str, str], at: str) -> str:
    label = words.field(name)
    kind = st.text_area if name == "rule" else st.text_input
    typed = kind(
        plain(label[:1].upper() + label[1:]),
        value,
        key=key,
        max_chars=procedure_versions.LONGEST_TEXT,
        persist_state="page",
        help=_(HELP[name]) if name in HELP else None,
    )
    mend(problems, at)
    return (typed or "").strip()


def _applies_on(context: PageContext, change: Change) -> date | None:
    """None: from now on."""
    key = f"procedures.{change.round}.applies"
    later = st.radio(
        _("It applies"),
        (False, True),
        format_func=lambda later: _("from a day to come") if later else _("from now on"),
        horizontal=True,
        key=key,
    )
    if not later:
        return None
    tomorrow = local_day(context.now) + timedelta(days=1)
    typed: date | None = st.date_input(
        _("From the beginning of"),
        tomorrow,
        min_value=tomorrow,
        max_value=tomorrow + timedelta(days=366),
        key=f"{key}.on",
        format=DATE_FORMAT,
        width=190,
    )
    mend(change.problems, "applies_on")
    return typed or tomorrow


def _look(
    context: PageContext, change: Change, before: Procedure, wanted: Procedure, unread: Mapping[str, str]
) -> None:
    """Judge the last quarter by the changed procedure; nothing is written."""
    change.looked_at, change.effect, change.refused = None, None, ""
    change.problems = {**procedure_versions.problems(wanted), **unread}
    if change.problems:
        change.refused = _("Please mend the marked fields; everything you typed is still here.")
    elif not procedure_versions.differences(before, wanted):
        change.refused = _("Nothing changes: change a number or a text first.")
    else:
        try:
            with st.spinner(_("Judging the last quarter anew …")):
                known = facts.current(context.register)
                change.effect = whatif.of_procedure(context.register, known, wanted, context.now)
            change.looked_at = wanted
        except PopsError as refused:
            change.refused = sentence(refused)


def _show_effect(context: PageContext, effect: Answer, before: Procedure, wanted: Procedure) -> None:
    with st.container(border=True, key="procedures_effect"):
        changed = ngettext(
            "{n} complaint of the last quarter would have had another verdict",
            "{n} complaints of the last quarter would have had another verdict",
            effect.changed,
        ).format(n=number(effect.changed))
        st.subheader(plain(changed), anchor=False)
        st.caption(
            md(
                _("Of {n} complaints with a deadline between {start} and {end}. Nothing is written yet."),
                n=number(effect.complaints),
                start=day(effect.start),
                end=day(effect.end),
            )
        )
        st.markdown(joined("\n", (md("- {line}", line=_effect(one)) for one in effect.terms if one.due)))
        query = hypotheses.as_query(Hypothesis.of(wanted), before)
        if query and context.may_open("what_if"):
            words_of, same = _("Try it on any period, week by week"), {"of": before.key, "period": DEFAULT}
            st.page_link(file_of("what_if"), label=words_of, icon=":material/science:", query_params=same | query)
        st.markdown(_("**What changes**"))
        lines = procedure_versions.differences(before, wanted)
        st.markdown(joined("\n", (md("- {line}", line=words.change(one, before)) for one in lines)))
        for old, new in zip(before.terms, wanted.terms, strict=True):
            if (old.amount, old.unit) != (new.amount, new.unit) and old.rule == new.rule:
                template = _(
                    "{term}: the number changes and what the source says stays “{rule}”. Mend it if it is not true."
                )
                name = label(new.label, new.label_en)
                st.warning(md(template, term=name, rule=new.rule), icon=":material/format_quote:")


def _effect(one: TermEffect) -> str:
    """One term as it was and as it would have been."""
    share = percent(one.met / one.due) if one.due else percent(None)
    share_then = percent(one.met_then / one.due_then) if one.due_then else percent(None)
    template = _("{term}: {met} of {due} met ({share}) → {met_then} of {due_then} ({share_then}); {more}")
    later = one.due - one.due_then
    later_words = ngettext("{n} not due yet then", "{n} not due yet then", later).format(n=number(later))
    better = ngettext("{n} better", "{n} better", one.better).format(n=number(one.better))
    worse = ngettext("{n} worse", "{n} worse", one.worse).format(n=number(one.worse))
    return template.format(
        term=label(one.label, one.label_en),
        met=number(one.met),
        due=number(one.due),
        share=share,
        met_then=number(one.met_then),
        due_then=number(one.due_then),
        share_then=share_then,
        more=", ".join(filter(None, (later_words if later else "", better, worse))),
    )


def _apply(context: PageContext, change: Change, wanted: Procedure, applies_on: date | None) -> None:
    """Write what was looked at; a refusal leaves every field as it is."""
    try:
        with context.register.write() as session:
            act = Act(context.person, context.now)
            version = procedure_versions.change(session, wanted, act, applies_on=applies_on)
    except PopsError as refused:
        change.refused = sentence(refused)
        change.problems = refused.fields if isinstance(refused, Invalid) else {}
        return
    when = _("from now on") if applies_on is None else _("from {moment}").format(moment=day(applies_on))
    doing.tell(_("Version {version} applies {since}.").format(version=version, since=when))
    leave()
