"""One entry in a dialog: names, attributes, place, and what becomes of it; each change says what it moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Unpack

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.i18n import gettext as _
from core.register import rulebook
from core.register.log.act import Act
from core.register.organisation import lists
from core.register.organisation.audit import Applied
from core.register.organisation.entries import LONGEST_NAME, MOST_DAYS
from core.register.organisation.lists import Used
from core.register.people import accounts
from core.rules.catalogue import ATTRIBUTES, NAMES, Catalogue, Entry, offered
from core.rules.marks import visible
from core.ui import address, doing, errors, frame
from core.ui.catalogues import entry_list, fields_form, words
from core.ui.context import PageContext
from core.ui.doing import Look
from core.ui.text import Markdown, Words, joined, md, plain


def open_if_chosen(name: str, entries: Catalogue) -> None:
    """Show the entry of the URL until it is closed or saved."""
    chosen = _chosen(entries)
    if not chosen:  # closed by the browser's back button, maybe
        doing.leave()
        return
    title = _("New entry") if chosen == entry_list.NEW else name_of(entries, chosen)
    st.dialog(plain(title), on_dismiss=close, width="medium")(_inside)(name)


def _chosen(entries: Catalogue) -> str:
    return address.word("entry", [entry_list.NEW, *entries], "")


def close() -> None:
    """Leave the dialog."""
    doing.leave()
    address.put(entry=None, field=None)


@dataclass(frozen=True, slots=True)
class Opened:
    """The entry in the dialog, in its list as it was in ``version``, and how it is used; a new one has no key yet.

    ``newest``: the entry as it is now, where somebody else changed it since.
    """

    context: PageContext
    name: str
    entries: Catalogue
    version: int
    entry: Entry
    used: Used = words.NOT_USED
    people: str = ""
    newest: Entry | None = None

    @property
    def key(self) -> str:
        """What the keys of the widgets begin with."""
        return f"catalogues.{self.name}.{self.entry.key or entry_list.NEW}"

    def change_button(
        self,
        label: Words,
        step: Callable[[Session, Act], object],
        done: str,
        *,
        key: str,
        **look: Unpack[Look],
    ) -> None:
        """A button that takes ``step``, and closes the dialog unless it was refused."""
        doing.button(self.context, label, step, done, key=key, then=close, **look)


def _inside(name: str) -> None:
    """The dialog runs by itself, without the page: session and list are read again."""
    with errors.boundary():
        context = frame.open_page("catalogues")
        with context.register.read() as session:
            entries, version = lists.current(session, name), lists.version(session, name)
            used = lists.used(session, name)
            everybody = accounts.list_people(session)
        key = _chosen(entries)
        if not key:
            return
        newest, version = version, doing.seen(f"{name}/{key}", version)
        if key == entry_list.NEW:
            _show_new(Opened(context, name, entries, version, Entry("", "", "")))
        else:
            people, entry = entry_list.people(name, key, everybody), entries[key]
            if version != newest:
                with context.register.read() as session:
                    entry = rulebook.of(session).catalogue(session, name, version).get(key, entry)
            overtaken = None if entry == entries[key] else entries[key]
            opened = Opened(context, name, entries, version, entry, used.get(key, words.NOT_USED), people, overtaken)
            if name == "categories" and (field := fields_form.chosen(entry)):
                _show_field(opened, field)
            else:
                _show(opened)
        doing.finish()


def _show_new(opened: Opened) -> None:
    wanted, name = _form(opened), opened.name
    st.caption(
        _(
            "It stands at the end of the list, before “Other” where there is one, and forms offer it at once. Its key "
            "is made of the name and stays."
        )
    )
    if name == "categories":
        st.caption(_("What must be known of it is added in a second step: open the category once it is in the list."))
    opened.change_button(
        _("Add"),
        lambda session, act: lists.add(session, name, wanted, act, version=opened.version),
        _("“{name}” is in the list now.").format(name=wanted.vi.strip()),
        key="catalogues_create",
        type="primary",
        width="stretch",
    )


def _show(opened: Opened) -> None:
    entry, name = opened.entry, opened.name
    st.markdown(md("**{use}.** :gray[{key}]", use=words.use(opened.used), key=entry.key))
    if opened.people:
        st.caption(md(_("Belonging to it: {people}"), people=opened.people))
    wanted = _form(opened)
    at = list(opened.entries).index(entry.key) + 1
    place: int = st.number_input(
        _("Place in the list"),
        min_value=1,
        max_value=len(opened.entries),
        value=at,
        step=1,
        key=f"{opened.key}.place",
        width=160,
    )
    if opened.newest is not None:
        _show_overtaken(opened, opened.newest, _go_on, opened, wanted, opened.newest)
        return
    if name == "categories":
        fields_form.listing(entry)
    st.caption(joined("\n\n", _effects_of_saving(opened, wanted, place if place != at else None)))

    def save(session: Session, act: Act) -> None:
        position = place if place != at else None
        lists.change(session, name, wanted, act, version=opened.version, position=position)

    done = _("“{name}” is saved.").format(name=wanted.vi.strip())
    opened.change_button(_("Save"), save, done, key="catalogues_save", type="primary", width="stretch")
    with st.container(border=True):
        _show_end(opened)
        _show_merge(opened)


def _show_field(opened: Opened, which: str) -> None:
    """One field of a category, or a new one."""
    wanted, choices = fields_form.form(opened.entry, which)
    if opened.newest is None:
        fields_form.save_buttons(opened.context, opened.entry, wanted, choices, opened.version)
    else:
        _show_overtaken(opened, opened.newest, fields_form.go_on, opened.entry, which, wanted, opened.newest)


def _show_overtaken(opened: Opened, newest: Entry, go_on: Callable[..., None], *args: object) -> None:
    """Somebody else was faster: what they changed, and the way to ``go_on`` with what was typed."""
    st.error(_("Somebody changed this entry meanwhile: see what changed, then go on."), icon=":material/sync_problem:")
    changes = tuple(lists.differences({newest.key: opened.entry}, {newest.key: newest}, opened.name))
    applied = Applied(opened.context.now, None, "catalogue", opened.name, opened.version, changes)
    lines = (words.change(applied, one) for one in changes)
    st.markdown(
        joined("\n", (md("- {what} :gray[{how}]" if how else "- {what}", what=what, how=how) for what, how in lines))
    )
    st.button(
        _("Go on with what I typed"),
        type="primary",
        key="catalogues_go_on",
        on_click=go_on,
        args=args,
        width="stretch",
    )


def _go_on(opened: Opened, wanted: Entry, newest: Entry) -> None:
    """The form over ``newest``; the fields that this person changed keep what they hold."""
    doing.leave()
    for name in (*NAMES, *ATTRIBUTES[opened.name]):
        field, now = f"{opened.key}.{name}", getattr(newest, name)
        if field in st.session_state and getattr(wanted, name) == getattr(opened.entry, name):
            is_several = name in ("suits", "taken_by")
            st.session_state[field] = list(now) if is_several else (now or None) if name == "parent" else now


def _effects_of_saving(opened: Opened, wanted: Entry, place: int | None) -> Iterator[Markdown]:
    """What saving moves, said before it is saved; ``place``: where it would stand, if it moves."""
    entry, use = opened.entry, words.use_within(opened.used)
    is_renamed, is_regrouped = (wanted.vi, wanted.en) != (entry.vi, entry.en), wanted.parent != entry.parent
    if is_renamed:
        yield md(_("The new name stands at once in forms, cases, figures and exports ({use})."), use=use)
    if is_regrouped:
        yield md(_("Figures count it with its category at once, past weeks too ({use})."), use=use)
    if (wanted.complaint_days, wanted.reply_days) != (entry.complaint_days, entry.reply_days):
        yield plain(_("It applies to complaints logged from now on: promised deadlines stay."))
    if place:
        yield md(_("Forms and figures show it in place {n} of the list."), n=place)
    if not (is_renamed or is_regrouped):
        yield plain(_("Nothing that was recorded changes."))


def _show_end(opened: Opened) -> None:
    """No longer offered, or offered again."""
    entry, name = opened.entry, opened.name
    if entry.retired:
        into = name_of(opened.entries, entry.into)
        state = _("Counted as {name}").format(name=into) if entry.into else _("No longer offered")
        st.markdown(md("**{state}.**", state=state))
        opened.change_button(
            _("Offer it again"),
            lambda session, act: lists.offer(session, name, entry.key, act, version=opened.version),
            _("“{name}” is offered again.").format(name=entry.vi),
            key="catalogues_offer",
            icon=":material/undo:",
        )
        return
    effect = _("**No longer offer it:** forms leave it out, what says it keeps it ({use}).")
    st.markdown(md(effect, use=words.use_within(opened.used)))
    opened.change_button(
        _("No longer offer it"),
        lambda session, act: lists.retire(session, name, entry.key, act, version=opened.version),
        _("“{name}” is no longer offered.").format(name=entry.vi),
        key="catalogues_retire",
        icon=":material/visibility_off:",
    )


def _show_merge(opened: Opened) -> None:
    """Counted as another entry of the list from now on."""
    entry, name, entries = opened.entry, opened.name, opened.entries
    others = [key for key in offered(entries) if key != entry.key]
    if not others or entry.into:
        return
    into = st.selectbox(
        _("Merge it into"),
        others,
        index=None,
        format_func=lambda key: visible(name_of(entries, key)),
        placeholder=_("Choose …"),
        key=f"{opened.key}.into",
    )
    if not into:
        return
    effect = _("Every figure and export counts it as {name}, past weeks too ({use}). Cases keep what they say.")
    st.caption(md(effect, name=name_of(entries, into), use=words.use_within(opened.used)))
    opened.change_button(
        _("Merge"),
        lambda session, act: lists.merge(session, name, entry.key, into, act, version=opened.version),
        _("“{name}” is counted as “{other}” from now on.").format(name=entry.vi, other=entries[into].vi),
        key="catalogues_merge",
        icon=":material/merge:",
    )


def _form(opened: Opened) -> Entry:
    """The names side by side, and the attributes that this list has."""
    known = ATTRIBUTES[opened.name]
    entry, key = opened.entry, opened.key
    left, right = st.columns(2)
    with left:
        vi = st.text_input(_("Vietnamese name"), value=entry.vi, key=f"{key}.vi", max_chars=LONGEST_NAME)
        doing.mend("vi", "key")
    with right:
        en = st.text_input(_("English name"), value=entry.en, key=f"{key}.en", max_chars=LONGEST_NAME)
        doing.mend("en")
    wanted = replace(entry, vi=vi or "", en=en or "")
    if "written" in known:
        wanted = replace(wanted, written=st.toggle(_("Answered in writing"), value=entry.written, key=f"{key}.written"))
    if "names_people" in known:
        label, help = (
            _("Names the people responsible, for the board alone"),
            _(
                "Where the procedure asks for it (MISA): the analysis names them, only the board reads the names, and "
                "such a complaint is closed once the board has approved the analysis."
            ),
        )
        marked = st.toggle(label, value=entry.names_people, key=f"{key}.names_people", help=help)
        wanted = replace(wanted, names_people=marked)
    if "taken_by" in known:
        wanted = replace(wanted, taken_by=_taken_by(entry, key))
    if "mailbox" in known:
        mailbox = st.text_input(
            _("Mailbox (optional)"), value=entry.mailbox, key=f"{key}.mailbox", placeholder="phong@vidu.vn"
        )
        doing.mend("mailbox")
        wanted = replace(wanted, mailbox=mailbox or "")
    if "complaint_days" in known:
        complaint_days, reply_days = _own_terms(entry, key)
        wanted = replace(wanted, complaint_days=complaint_days, reply_days=reply_days)
    if "suits" in known:
        wanted = replace(wanted, suits=_suits(entry, key))
    if "parent" in known:
        wanted = replace(wanted, parent=_parent(opened.entries, entry, key))
    return wanted


def _own_terms(entry: Entry, key: str) -> list[int | None]:
    """A product's own complaint period and reply term, side by side."""
    titles = {
        "complaint_days": _("Own complaint period, in days (optional)"),
        "reply_days": _("Own reply term, in working days (optional)"),
    }
    found: list[int | None] = []
    for place, (field, title) in zip(st.columns(2), titles.items(), strict=True):
        with place:
            days: int | None = getattr(entry, field)
            found.append(
                st.number_input(
                    plain(title), min_value=1, max_value=MOST_DAYS, value=days, step=1, key=f"{key}.{field}"
                )
            )
            doing.mend(field)
    return found


def _suits(entry: Entry, key: str) -> tuple[str, ...]:
    known = catalogues().categories
    chosen = st.multiselect(
        _("Offered first for these categories"),
        list(offered(known) | {one: known[one] for one in entry.suits if one in known}),
        default=[one for one in entry.suits if one in known],
        format_func=lambda one: visible(name_of(known, one)),
        key=f"{key}.suits",
        placeholder=_("None"),
    )
    doing.mend("suits")
    return tuple(chosen)


def _taken_by(entry: Entry, key: str) -> tuple[str, ...]:
    known = catalogues().channels
    chosen = st.multiselect(
        _("Taken by these channels only (optional)"),
        list(offered(known) | {one: known[one] for one in entry.taken_by if one in known}),
        default=[one for one in entry.taken_by if one in known],
        format_func=lambda one: visible(name_of(known, one)),
        key=f"{key}.taken_by",
        placeholder=_("any channel"),
        help=_("What comes by another one is refused with a reason, or admitted by a lead as an exception."),
    )
    doing.mend("taken_by")
    return tuple(chosen)


def _parent(entries: Catalogue, entry: Entry, key: str) -> str:
    if entry.key and any(one.parent == entry.key for one in entries.values()):  # it is above others
        return entry.parent
    above = [one for one, value in offered(entries, entry.parent).items() if not value.parent and one != entry.key]
    chosen = st.selectbox(
        _("Sub-category of (optional)"),
        above,
        index=above.index(entry.parent) if entry.parent in above else None,
        format_func=lambda one: visible(name_of(entries, one)),
        placeholder=_("a category of its own"),
        key=f"{key}.parent",
    )
    doing.mend("parent")
    return chosen or ""
