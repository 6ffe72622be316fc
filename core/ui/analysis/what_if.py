"""What-if (D37): another term, working time or target, and what it would have meant for what fell due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import isnan

import pandas as pd
import streamlit as st

from core.i18n import N_, WEEKDAYS, label, language, ngettext, number, short_due
from core.i18n import gettext as _
from core.insight import findings, hypotheses, known
from core.insight.charts import share, share_of, target_words
from core.insight.dimensions import name_of, title
from core.insight.drawings import what_if as drawings
from core.insight.filters import Filter, monday
from core.insight.hypotheses import HOURS, MOST, NAMES, OFF, SHARE, TERMS, WORKED, Read
from core.insight.rates import ENOUGH
from core.insight.slices import Slice
from core.insight.whatif import MOST_CASES, SPLITS, Answer, Hypothesis, Length, TermEffect
from core.register import rulebook
from core.rules.calendar import local_day
from core.rules.clocks import NEGOTIATION
from core.rules.procedure import WEEK, Procedure, Term, Unit
from core.rules.verdicts import FELL_DUE
from core.ui import address, go, paging
from core.ui.analysis import charts, known_events, metrics
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.procedures import words
from core.ui.rows import Cell, Column, Row, table
from core.ui.text import md, plain, spoken

PAGE_ROWS = 10
DAY_WIDTH = 210  # pixels
OF, TERM, BY = "of", "term", "by"
FORGET = ("page",)
ASSUMED = N_(
    "It is assumed that everybody acted as they really did: each step stays at its moment, only the deadline moves. "
    "People who know of a shorter term would hurry; this does not guess by how much."
)
COUNTED_IS = N_(
    "Of the promises that fell due in the period: kept ÷ all of them, as it was → if so. What would fall due only "
    "after now, or would have been withdrawn or merged before its due, is not in the second one. Each promise counts "
    "in the week and under the key in which it really fell due. A product's own reply term stays as it is."
)


def procedure(context: PageContext, chosen: Filter) -> tuple[Procedure, Filter]:
    """The procedure that is asked about, as it applies now, and the filter narrowed to it."""
    with context.register.read() as session:
        known = rulebook.current_procedures(session, context.now)
    offered = [key for key in chosen.keys_of("procedure") if key in known] or [*known]
    key = address.word(OF, offered, offered[0])
    return known[key], chosen.only("procedure", key)


def read(of: Procedure) -> Read:
    """The hypothesis of the address."""
    return hypotheses.read(st.query_params.to_dict(), of)


def fields(context: PageContext, of: Procedure, given: Read) -> None:
    """The fields of the hypothesis; each writes itself into the address."""
    with context.register.read() as session:
        known = rulebook.current_procedures(session, context.now)
    with st.container(border=True, key="what_if"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(_("If"), anchor=False, width="stretch")
            if any(st.query_params.get(name) for name in NAMES):
                st.button(
                    _("As it was"), icon=":material/restart_alt:", type="tertiary", key="what_if_reset", on_click=reset
                )
        if len(known) > 1:
            st.selectbox(
                _("Procedure"),
                [*known],
                format_func=lambda key: plain(label(known[key].name, known[key].name_en)),
                key="what_if_of",
                on_change=address.follow("what_if_of", of.key, OF, forget=(TERMS, HOURS, TERM, *FORGET)),
            )
        for term in of.terms:
            _term(of, term, given.hypothesis)
        mend(given.problems, TERMS)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _share(given.hypothesis)
        mend(given.problems, SHARE)
        names = (HOURS, OFF, WORKED, *(f"{HOURS}.{day}" for day in WEEK))
        is_open = any(st.query_params.get(name) for name in (HOURS, OFF, WORKED)) or any(map(given.problems.get, names))
        with st.expander(_("Another working time"), icon=":material/calendar_month:", expanded=is_open):
            _hours(of, given)
            for name, words_of in ((OFF, N_("Further days off")), (WORKED, N_("Days worked besides"))):
                _days(name, _(words_of), given)
        st.caption(f":material/info: {_(ASSUMED)}")


def reset() -> None:
    """Nothing is supposed any more."""
    address.put(**dict.fromkeys((*NAMES, *FORGET)))


def finding(answer: Answer | None, supposed: Hypothesis, term: str, today: date) -> str:
    """The finding in one sentence: ``Thông báo kết quả, hạn 2 ngày làm việc: 91 % → 84 %, thêm 37 lần trễ``."""
    effect = answer.of(term) if answer else None
    if answer is None or effect is None:
        return _("What if another term, calendar or target applied")
    name = label(effect.label, effect.label_en)
    length = dict(supposed.terms).get(term)
    is_other_time = bool(supposed.week or supposed.off or supposed.worked)
    if length is None and not is_other_time:
        return _of_target(drawings.ended(answer.weeks[answer.weeks["term"] == term], today), supposed, name)
    sentence = _("{term} within {amount}: {before} → {after}, {late}")
    if length is None:
        sentence = _("{term} by other working time: {before} → {after}, {late}")
    elif is_other_time:
        sentence = _("{term} within {amount} of other working time: {before} → {after}, {late}")
    shares = _beside(effect.share, effect.share_then)
    amount = words.amount(length.amount, length.unit) if length else ""
    return sentence.format(term=name, amount=amount, before=shares[0], after=shares[1], late=_late(effect))


def numbers(context: PageContext, answer: Answer, of: Procedure, filter: Filter) -> None:
    """Each term as it was and as it would have been, and the length that reaches the target."""
    with st.container(horizontal=True, key="numbers"):
        for effect in answer.terms:
            with metrics.frame_of_number():
                before, then = _beside(effect.share, effect.share_then)
                moved = findings.change(effect.share_then, effect.share, points=True)
                change = metrics.Change(moved, _("from {share}").format(share=before), "up")
                of_few = metrics.few(min(effect.due, effect.due_then))
                name = plain(label(effect.label, effect.label_en))
                metrics.card(name, then, help=_(COUNTED_IS), change=of_few or change)
                kept = _("{met} of {due} met").format(met=number(effect.met), due=number(effect.due))
                opens = slice_of(of, effect.term, filter)
                if opens is None:
                    st.caption(plain(kept))
                else:
                    metrics.rows_link(context, opens, kept)
                if_so = _("if so {met} of {due}; {late}")
                st.caption(
                    plain(if_so.format(met=number(effect.met_then), due=number(effect.due_then), late=_late(effect)))
                )
                st.caption(plain(_reaching(answer, effect.term)))
    changed = ngettext("{n} complaint with another verdict", "{n} complaints with another verdict", answer.changed)
    sentence = _("{changed}, of {all} with a promise that fell due")
    st.caption(plain(sentence.format(changed=changed.format(n=number(answer.changed)), all=number(answer.complaints))))
    if answer.products:
        own = ngettext(
            "{n} promise keeps the reply term of its product", "{n} promises keep the reply term of their product",
            answer.products,
        )  # fmt: skip
        st.caption(plain(own.format(n=number(answer.products))))


def choose_term(answer: Answer, term: str) -> None:
    """Which promise chart and table show; nothing where there is one."""
    known = {one.term: label(one.label, one.label_en) for one in answer.terms}
    if len(known) > 1:
        st.segmented_control(
            _("Promise"),
            [*known],
            format_func=lambda key: plain(known[key]),
            required=True,
            key="what_if_term",
            on_change=address.follow("what_if_term", term, TERM, forget=FORGET),
            label_visibility="collapsed",
        )


def term_of(answer: Answer | None, supposed: Hypothesis, of: Procedure) -> str:
    """The promise that is shown: the one chosen, else the first that is supposed otherwise, else the result."""
    known = [one.term for one in answer.terms] if answer else [term.key for term in of.terms]
    first = [key for key, _length in supposed.terms if key in known]
    results = [term.key for term in of.terms if term.stage == "resolve" and term.key in known]
    default = (*first, *results, *known, "")[0]
    return address.word(TERM, known, default)


def per_week(context: PageContext, answer: Answer, of: Procedure, filter: Filter, term: str) -> None:
    """Both shares per week, and the target."""
    found = answer.weeks[answer.weeks["term"] == term]
    alt = _("{term}: share kept per week, as it was and if so").format(term=_name(answer, term))
    stages = {one.key: one.stage for one in of.terms}
    events = known.on_chart(
        known_events.read(context, monday(filter.start), filter.end), filter, stage=stages.get(term)
    )
    drawing = drawings.weeks(found, slice_of(of, term, filter), alt, local_day(context.now), events)
    charts.block(
        context, _("Share kept per week they fell due"), drawing, key=f"what_if_weeks_{term}", help=_(COUNTED_IS)
    )


def split(context: PageContext, answer: Answer, of: Procedure, filter: Filter, term: str) -> None:
    """The same per category, department …"""
    by = address.word(BY, SPLITS, SPLITS[0])
    found = answer.splits[(answer.splits["term"] == term) & (answer.splits["dimension"] == by)]
    alt = _("{term}: late as it was and if so, {title}").format(term=_name(answer, term), title=title(by))
    drawing = drawings.by(found, slice_of(of, term, filter), by, alt)
    heading = _("Where more or fewer are late")
    with charts.part(context, heading, drawing, key=f"what_if_by_{by}_{term}", help=_(COUNTED_IS)):
        st.segmented_control(
            _("Split by"),
            SPLITS,
            format_func=lambda key: plain(title(key)),
            required=True,
            key="what_if_by",
            on_change=address.follow("what_if_by", by, BY, default=SPLITS[0]),
            label_visibility="collapsed",
        )


def changes(context: PageContext, answer: Answer) -> None:
    """The promises whose verdict would be another, a page at a time, each opening its complaint."""
    count = sum(one.better + one.worse for one in answer.terms)
    listed = len(answer.cases)
    with st.container(border=True):
        st.subheader(plain(_("Verdicts that change ({n})").format(n=number(count))), anchor=False)
        if not listed:
            st.markdown(f":material/check: {_('No verdict of this period would be another.')}")
            return
        if count > listed:
            sentence = _("The {n} that were due last are listed.")
            st.caption(plain(sentence.format(n=number(MOST_CASES))))
        page = paging.number("page", listed, PAGE_ROWS)
        shown = answer.cases.iloc[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        columns = (
            Column(_("Case code"), 9, "first"),
            Column(_("Change"), 12, "last"),
            Column(_("Promise"), 0, "second"),
            Column(_("Was due"), 7.5),
            Column(_("If so"), 7.5, "third"),
            Column(_("Done"), 7.5),
        )
        rows = [_row(context, answer, case) for case in shown.itertuples()]
        table(columns, rows, key="what_if_cases", alt=_("Verdicts that change"))
        paging.turn("page", listed, PAGE_ROWS, page)


def slice_of(of: Procedure, term: str, filter: Filter) -> Slice | None:
    """What opens the promises of a term that fell due; None where another term is of the same stage."""
    stages = [one.stage for one in (*of.terms, NEGOTIATION)]
    its = NEGOTIATION if term == NEGOTIATION.key else of.term(term)
    if its is None or stages.count(its.stage) > 1:
        return None
    return Slice(filter, "due", stage=its.stage, verdict=FELL_DUE)


# fields


def _term(of: Procedure, term: Term, supposed: Hypothesis) -> None:
    length = dict(supposed.terms).get(term.key) or Length(term.amount, term.unit)
    amount, unit = f"what_if_{term.key}_amount", f"what_if_{term.key}_unit"
    write = _writer(of, term, supposed, amount, unit)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state[amount] = min(length.amount, MOST[length.unit])
        name = label(term.label, term.label_en)
        st.number_input(spoken(name), 1, max(MOST.values()), key=amount, on_change=write, width=300)
        st.session_state[unit] = length.unit.value
        st.selectbox(
            md(_("{term}: unit"), term=name),
            [one.value for one in Unit],
            format_func=words.unit,
            key=unit,
            on_change=write,
            label_visibility="collapsed",
            width=190,
        )
        promised = _("now {amount}").format(amount=words.amount(term.amount, term.unit))
        st.caption(plain(promised), width="content")


def _writer(of: Procedure, term: Term, supposed: Hypothesis, amount: str, unit: str) -> Callable[[], None]:
    def changed() -> None:
        wanted = Length(int(st.session_state[amount]), Unit(st.session_state[unit]))
        others = tuple((key, length) for key, length in supposed.terms if key != term.key)
        terms = hypotheses.as_query(Hypothesis(of.key, (*others, (term.key, wanted))), of).get(TERMS)
        address.put(**{TERMS: terms}, **dict.fromkeys(FORGET))

    return changed


def _share(supposed: Hypothesis) -> None:
    widget = "what_if_share"

    def changed() -> None:
        typed = st.session_state[widget]
        address.put(**{SHARE: None if typed is None else f"{typed:g}"}, **dict.fromkeys(FORGET))

    st.session_state[widget] = None if supposed.share is None else round(supposed.share * 100, 2)
    st.number_input(
        _("Target, %"),
        0.5,
        99.9,
        value=None,
        step=0.5,
        format="%g",
        key=widget,
        placeholder=_("as set"),
        on_change=changed,
        width=190,
    )


def _hours(of: Procedure, given: Read) -> None:
    typed = hypotheses.days_of_week(st.query_params.get(HOURS, ""))
    with st.container(horizontal=True):
        for weekday, day in enumerate(WEEK):
            own = hypotheses.hours_text(of.week[weekday])
            widget = f"what_if_{day}"
            st.session_state[widget] = typed.get(day, own)
            with st.container(width=DAY_WIDTH):
                st.text_input(
                    plain(WEEKDAYS[language()][weekday]),
                    key=widget,
                    placeholder=_("closed all day"),
                    max_chars=100,
                    on_change=_hours_writer(day, own, widget, typed),
                )
                mend(given.problems, f"{HOURS}.{day}")
    mend(given.problems, HOURS)


def _hours_writer(day: str, own: str, widget: str, typed: Mapping[str, str]) -> Callable[[], None]:
    def changed() -> None:
        hours = st.session_state[widget].replace(";", ",").strip()
        wanted = {**typed, day: hours}
        said = [f"{name}={wanted[name]}" for name in WEEK if name in wanted and (name != day or hours != own)]
        address.put(**{HOURS: ";".join(said)}, **dict.fromkeys(FORGET))

    return changed


def _days(name: str, words_of: str, given: Read) -> None:
    widget = f"what_if_{name}"
    days: Sequence[date] = given.hypothesis.off if name == OFF else given.hypothesis.worked
    raw = st.query_params.get(name, "")
    st.session_state[widget] = ", ".join(f"{day:%d/%m/%Y}" for day in days) if days else raw

    def changed() -> None:
        address.put(**{name: st.session_state[widget].strip()}, **dict.fromkeys(FORGET))

    st.text_input(plain(words_of), key=widget, placeholder="19/11/2026, 20/11/2026", max_chars=800, on_change=changed)
    mend(given.problems, name)


# words


def _of_target(weeks: pd.DataFrame, supposed: Hypothesis, name: str) -> str:
    if supposed.share is None:
        return _("{term}: choose another term, calendar or target").format(term=name)
    met, n = findings.on_target((week.due, week.share, supposed.share) for week in weeks.itertuples())
    target = target_words(supposed.share)
    if not n:
        too_few = _("{term}: in no week did {least} fall due, too few to judge a target of {target}")
        return too_few.format(term=name, target=target, least=ENOUGH)
    sentence = _("{term}: {n} of {all} weeks reach a target of {target}")
    return sentence.format(term=name, n=number(met), all=number(n), target=target)


def _late(effect: TermEffect) -> str:
    return drawings.late_words((effect.due_then - effect.met_then) - (effect.due - effect.met))


def _beside(before: float, after: float) -> tuple[str, str]:
    """Both shares with as many digits as tell them apart."""
    if isnan(before) or isnan(after) or before == after:
        return share(before), share(after)
    digits = next((n for n in range(3) if share(before, n) != share(after, n)), 0)
    return share(before, digits), share(after, digits)


def _reaching(answer: Answer, term: str) -> str:
    reach = answer.reach[term]
    target = target_words(reach.wanted)
    if reach.amount is None:
        return _("No length reaches {target}: too many were never done").format(target=target)
    sentence = _("{amount} would reach {target}: {met} of {due} ({share})")
    return sentence.format(
        amount=words.amount(reach.amount, reach.unit),
        target=target,
        met=number(reach.met),
        due=number(reach.due),
        share=share_of(reach.met / reach.due, reach.due),
    )


def _name(answer: Answer, term: str) -> str:
    effect = answer.of(term)
    return label(effect.label, effect.label_en) if effect else term


def _row(context: PageContext, answer: Answer, case: object) -> Row:
    code, term, cycle = (getattr(case, name) for name in ("code", "term", "number"))
    was, then = (name_of("verdict", getattr(case, name)) for name in ("verdict", "verdict_then"))
    due, due_then, stopped = (getattr(case, name) for name in ("due_at", "due_then", "stopped_at"))
    is_done = not pd.isna(stopped)
    return Row(
        key=f"{code}-{term}-{cycle}",
        href=go.address("complaint", code=code),
        cells=(
            Cell(code, _("cycle {n}").format(n=cycle) if cycle > 1 else ""),
            Cell(f"{was} → {then}"),
            Cell(_name(answer, term)),
            Cell(short_due(due.to_pydatetime(), context.now)),
            Cell(short_due(due_then.to_pydatetime(), context.now)),
            Cell(short_due(stopped.to_pydatetime(), context.now) if is_done else "–"),
        ),
    )
