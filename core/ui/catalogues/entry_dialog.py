"""One entry in a dialog: its names and attributes, its place, and what becomes of it; each change says what it moves."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from sqlalchemy.orm import Session

from core import catalogues as names
from core.catalogues import name_of
from core.i18n import gettext as _
from core.i18n import label
from core.register import rulebook
from core.register.log.act import Act
from core.register.organisation import lists
from core.register.organisation.entries import LONGEST_NAME, MOST_DAYS
from core.register.organisation.lists import Used
from core.register.people import accounts
from core.rules.catalogue import ATTRIBUTES, Catalogue, Entry, offered
from core.rules.marks import visible
from core.ui import address, errors, frame
from core.ui.catalogues import doing, entry_list, fields_form, words
from core.ui.context import PageContext
from core.ui.fields import mend
from core.ui.text import md, plain


def open_if_chosen(name: str, entries: Catalogue) -> None:
    """Show the entry of the URL until it is closed or saved."""
    chosen = _chosen(entries)
    if chosen:
        title = _("New entry") if chosen == entry_list.NEW else _("Entry of a list")
        st.dialog(title, on_dismiss=close, width="medium")(_inside)(name)


def _chosen(entries: Catalogue) -> str:
    return address.word("entry", [entry_list.NEW, *entries], "")


def close() -> None:
    """Leave the dialog."""
    st.session_state.pop(doing.SEEN, None)
    doing.forget_problems()
    address.put(entry=None, field=None)


def _inside(name: str) -> None:
    """The dialog runs by itself, without the page: session and list are read again."""
    with errors.boundary():
        context = frame.open_page("catalogues")
        with context.register.read() as session:
            names.use(rulebook.catalogues(session))
            entries, version = lists.current(session, name), lists.version(session, name)
            used = lists.used(session, name)
            everybody = accounts.list_people(session)
        key = _chosen(entries)
        if not key:
            return
        version = doing.seen(f"{name}/{key}", version)
        if key == entry_list.NEW:
            _show_new(context, name, entries, version)
        elif name == "categories" and fields_form.chosen(entries[key]):
            fields_form.show(context, entries[key], version)
        else:
            people = entry_list.people(name, key, everybody)
            _show(context, name, entries, entries[key], used.get(key, words.NOT_USED), people, version)
        doing.forget_problems()


def _show_new(context: PageContext, name: str, entries: Catalogue, version: int) -> None:
    wanted = _form(name, entries, Entry("", "", ""), f"catalogues.{name}.new")
    st.caption(
        _("It stands at the end of the list, and forms offer it at once. Its key is made from the name and stays.")
    )
    if st.button(_("Add"), type="primary", key="catalogues_create", width="stretch"):
        done = _("“{name}” is in the list now.").format(name=wanted.vi.strip())
        doing.do(
            context, lambda session, act: lists.add(session, name, wanted, act, version=version), done, close=close
        )


def _show(
    context: PageContext, name: str, entries: Catalogue, entry: Entry, used: Used, people: str, version: int
) -> None:
    st.markdown(md("**{use}.** :gray[{key}]", use=words.use(used), key=entry.key))
    if people:
        st.caption(md(_("Belonging to it: {people}"), people=people))
    key = f"catalogues.{name}.{entry.key}"
    wanted = _form(name, entries, entry, key)
    at = list(entries).index(entry.key) + 1
    place: int = st.number_input(
        _("Place in the list"), min_value=1, max_value=len(entries), value=at, step=1, key=f"{key}.place", width=160
    )
    if name == "categories":
        fields_form.listing(entry)
    st.caption(_effect_of_saving(entry, wanted, used))
    if st.button(_("Save"), type="primary", key="catalogues_save", width="stretch"):

        def save(session: Session, act: Act) -> None:
            moves, now = place != at, version
            if wanted != entry or not moves:
                lists.change(session, name, wanted, act, version=now)
                now += 1
            if moves:
                lists.move(session, name, entry.key, place, act, version=now)

        doing.do(context, save, _("“{name}” is saved.").format(name=wanted.vi.strip()), close=close)
    with st.container(border=True):
        _show_end(context, name, entries, entry, used, version)


def _effect_of_saving(entry: Entry, wanted: Entry, used: Used) -> str:
    """What saving moves, before it is saved."""
    if (wanted.vi, wanted.en) != (entry.vi, entry.en):
        return plain(
            _("The new name stands at once in forms, cases, figures and exports ({use}).").format(use=words.use(used))
        )
    if wanted.parent != entry.parent:
        return plain(_("From now on figures count it with its category ({use}).").format(use=words.use(used)))
    if (wanted.complaint_days, wanted.reply_days) != (entry.complaint_days, entry.reply_days):
        return _("It applies to complaints logged from now on: promised deadlines stay.")
    return _("Nothing that was recorded changes.")


def _show_end(context: PageContext, name: str, entries: Catalogue, entry: Entry, used: Used, version: int) -> None:
    """No longer offered, merged, or offered again."""
    if entry.retired:
        state = (
            _("Counted as {name}").format(name=name_of(entries, entry.into)) if entry.into else _("No longer offered")
        )
        st.markdown(md("**{state}.**", state=state))
        if st.button(_("Offer it again"), icon=":material/undo:", key="catalogues_offer"):
            done = _("“{name}” is offered again.").format(name=entry.vi)
            doing.do(
                context,
                lambda session, act: lists.offer(session, name, entry.key, act, version=version),
                done,
                close=close,
            )
    else:
        st.markdown(
            md(_("**No longer offer it:** forms leave it out, what says it keeps it ({use})."), use=words.use(used))
        )
        mend(doing.problems(), "retired")
        if st.button(_("No longer offer it"), icon=":material/visibility_off:", key="catalogues_retire"):
            done = _("“{name}” is no longer offered.").format(name=entry.vi)
            doing.do(
                context,
                lambda session, act: lists.retire(session, name, entry.key, act, version=version),
                done,
                close=close,
            )
    _show_merge(context, name, entries, entry, used, version)


def _show_merge(context: PageContext, name: str, entries: Catalogue, entry: Entry, used: Used, version: int) -> None:
    others = {key: label(one.vi, one.en) for key, one in offered(entries).items() if key != entry.key}
    if not others or entry.into:
        return
    into = st.selectbox(
        _("Merge it into"),
        list(others),
        index=None,
        format_func=lambda key: visible(others[key]),
        placeholder=_("Choose …"),
        key=f"catalogues.{name}.{entry.key}.into",
    )
    mend(doing.problems(), "into")
    if into:
        st.caption(
            md(
                _("Every figure and export will count it as {name} ({use}); cases keep what they say."),
                name=others[into],
                use=words.use(used),
            )
        )
        if st.button(_("Merge"), icon=":material/merge:", key="catalogues_merge"):
            done = _("“{name}” is counted as “{other}” from now on.").format(name=entry.vi, other=entries[into].vi)
            doing.do(
                context,
                lambda session, act: lists.merge(session, name, entry.key, into, act, version=version),
                done,
                close=close,
            )


def _form(name: str, entries: Catalogue, entry: Entry, key: str) -> Entry:
    """The names side by side, and the attributes that this list has."""
    problems, known = doing.problems(), ATTRIBUTES[name]
    left, right = st.columns(2)
    with left:
        vi = st.text_input(_("Vietnamese name"), value=entry.vi, key=f"{key}.vi", max_chars=LONGEST_NAME)
        mend(problems, "vi", "key")
    with right:
        en = st.text_input(_("English name"), value=entry.en, key=f"{key}.en", max_chars=LONGEST_NAME)
        mend(problems, "en")
    wanted = replace(entry, vi=vi or "", en=en or "")
    if "written" in known:
        wanted = replace(wanted, written=st.toggle(_("Answered in writing"), value=entry.written, key=f"{key}.written"))
    if "mailbox" in known:
        mailbox = st.text_input(
            _("Mailbox (optional)"), value=entry.mailbox, key=f"{key}.mailbox", placeholder="phong@vidu.vn"
        )
        mend(problems, "mailbox")
        wanted = replace(wanted, mailbox=mailbox or "")
    if "complaint_days" in known:
        wanted = replace(wanted, **_own_terms(entry, key))
    if "suits" in known:
        wanted = replace(wanted, suits=_suits(entry, key))
    if "parent" in known:
        wanted = replace(wanted, parent=_parent(entries, entry, key))
    return wanted


def _own_terms(entry: Entry, key: str) -> dict[str, int | None]:
    """A product's own complaint period and reply term, side by side."""
    titles = {
        "complaint_days": _("Own complaint period, in days (optional)"),
        "reply_days": _("Own reply term, in working days (optional)"),
    }
    found: dict[str, int | None] = {}
    for place, (field, title) in zip(st.columns(2), titles.items(), strict=True):
        with place:
            found[field] = st.number_input(
                title, min_value=1, max_value=MOST_DAYS, value=getattr(entry, field), step=1, key=f"{key}.{field}"
            )
            mend(doing.problems(), field)
    return found


def _suits(entry: Entry, key: str) -> tuple[str, ...]:
    known = names.catalogues().categories
    chosen = st.multiselect(
        _("Offered first for these categories"),
        list(offered(known) | {one: known[one] for one in entry.suits if one in known}),
        default=[one for one in entry.suits if one in known],
        format_func=lambda one: visible(name_of(known, one)),
        key=f"{key}.suits",
        placeholder=_("none"),
    )
    mend(doing.problems(), "suits")
    return tuple(chosen)


def _parent(entries: Catalogue, entry: Entry, key: str) -> str:
    if any(one.parent == entry.key for one in entries.values()):
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
    mend(doing.problems(), "parent")
    return chosen or ""
