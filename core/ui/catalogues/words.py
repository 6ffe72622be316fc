"""The words of the page of lists: how an entry is used, what a change did, what stands in a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from core.catalogues import catalogues, name_of
from core.i18n import day, label, named, ngettext, number, percent
from core.i18n import gettext as _
from core.insight import dimensions
from core.register.organisation import audit, lists, proposals
from core.register.organisation.audit import Applied
from core.register.organisation.lists import Used
from core.register.rulebook import EXPOSURE, ORGANISATION, TARGETS, Change
from core.rules.catalogue import KEY, LISTS, TYPES, Catalogue, Entry
from core.rules.papers import BASE, COLOURS, LOGO, PARTS
from core.ui.catalogues import fields_form

NOT_USED = Used()
DETAIL = re.compile(rf"(?P<vi>.+?) / (?P<en>.+?) \((?P<type>{'|'.join(TYPES)})(?P<more>(, .*)?)\)")
BETWEEN = re.compile(rf", (?={KEY.pattern} = |(?:intake|forward|personal|retired)(?:, |$))")  # names have commas too
CHOICE = re.compile(rf"{KEY.pattern} = (?P<vi>.+?) / (?P<en>.+?)(?P<retired> \(retired\))?")


def list_of(name: str) -> Catalogue:
    """The list of that name as it is in use."""
    found: Catalogue = getattr(catalogues(), name)
    return found


def use(used: Used) -> str:
    """``37 hồ sơ đang dùng, 5 đang mở; 2 người phụ trách``."""
    n = used.complaints
    if n:
        text = ngettext("{n} complaint says it", "{n} complaints say it", n).format(n=number(n))
        text += _(", {n} of them open").format(n=number(used.open)) if used.open else _(", none of them open")
    else:
        text = _("No complaint says it yet")
    people = ngettext("{n} person belongs to it", "{n} people belong to it", used.people).format(n=number(used.people))
    return f"{text}; {people}" if used.people else text


def use_within(used: Used) -> str:
    """The same within a sentence."""
    text = use(used)
    return text[:1].lower() + text[1:]


def short_use(used: Used) -> tuple[str, str]:
    """The same for a cell of a table, and what stands below it."""
    if not used.complaints:
        return _("not used"), ""
    return number(used.complaints), _("{n} open").format(n=number(used.open)) if used.open else ""


def about(name: str, entry: Entry) -> str:
    """The attributes of an entry in words; empty where there is nothing to say."""
    known, asked = catalogues(), sum(not field.retired for field in entry.fields)
    parts = [
        _("counted as {name}").format(name=name_of(list_of(name), entry.into)) if entry.into else "",
        _("answered in writing") if entry.written else "",
        _("names the people responsible") if entry.names_people else "",
        _("taken by {channels} only").format(channels=_names(known.channels, entry.taken_by)) if entry.taken_by else "",
        _("of {category}").format(category=name_of(known.categories, entry.parent)) if entry.parent else "",
        ngettext("asks for {n} detail", "asks for {n} details", asked).format(n=asked) if asked else "",
        entry.mailbox,
        _("taken for {n} days").format(n=entry.complaint_days) if entry.complaint_days else "",
        _("answered within {n} working days").format(n=entry.reply_days) if entry.reply_days else "",
        _names(known.categories, entry.suits),
    ]
    return " · ".join(filter(None, parts))


def _names(catalogue: Catalogue, keys: Iterable[str]) -> str:
    return ", ".join(name_of(catalogue, key) for key in keys)


def share(value: float) -> str:
    """``95 %``, ``99,5 %``."""
    return percent(value, 0 if round(value * 1000) % 10 == 0 else 1)


def paper_part(name: str) -> str:
    """``Phiếu tiếp nhận: mẫu trình bày``, ``Phần chung của các văn bản``, ``Logo``, ``Màu của tổ chức``."""
    first, _dot, kind = name.partition(".")
    if name in (BASE, LOGO, COLOURS):
        return named("part of papers", name)
    return f"{named('paper', kind)}: {named('part of papers', first)}"


def place(applied: Applied) -> str:
    """Which list, the organisation, or which procedure: ``Kênh tiếp nhận``, ``Quy trình POPS``."""
    if applied.name in PARTS:
        return paper_part(applied.name)
    if applied.subject == "catalogue":
        return named("list", applied.name)
    return _("Procedure {name}").format(name=name_of(catalogues().procedures, applied.name))


def who(applied: Applied) -> str:
    """Who took the version into use: a person, a command, or nobody, since it came with the program."""
    return applied.by or (_("by command") if applied.is_by_command else _("with the program"))


def change(applied: Applied, one: Change) -> tuple[str, str]:
    """What was changed, and from what to what; names instead of keys."""
    if one.what == audit.IMPORTED or applied.name in PARTS:
        return ": ".join(filter(None, (named("change", one.what), one.after))), ""
    if applied.name == TARGETS:
        since = _("{stage}, from {day}").format(
            stage=dimensions.name_of("stage", one.key), day=day(date.fromisoformat(one.what))
        )
        return since, f"{_target(one.before)} → {_target(one.after)}"
    if applied.name == EXPOSURE:
        what = f"{named('measure', one.key)}, {one.what}"
        return what, " → ".join(number(int(text)) if text else "–" for text in (one.before, one.after))
    before, after = _value(applied.name, one.what, one.before), _value(applied.name, one.what, one.after)
    what = named("change", one.what)
    subject = _subject(applied, one)
    if one.what in (lists.ADDED, proposals.DECLINED, proposals.KNOWN) and not before:
        return f"{subject}: {what}", "" if after == subject else after
    if not before and after == _("yes"):
        return f"{subject}: {what}", ""
    return f"{subject}: {what}", f"{before or '–'} → {after or '–'}"


def _target(text: str) -> str:
    """``97.5`` as the log has it → ``97,5 %``; a dash where there was none."""
    return percent(float(text) / 100 if text else None, len(text.partition(".")[2]))


def _subject(applied: Applied, one: Change) -> str:
    if applied.name in LISTS:
        return name_of(list_of(applied.name), one.key)
    if one.key == ORGANISATION:
        return named("list", ORGANISATION)
    known = catalogues().procedures
    return name_of(known, one.key) if one.key in known else one.key


def _value(name: str, what: str, text: str) -> str:
    if not text:
        return ""
    if what == lists.FIELD:
        return _detail(text)
    if what in ("into", "parent", "suits", "taken_by"):
        elsewhere = {"suits": catalogues().categories, "taken_by": catalogues().channels}
        return _names(elsewhere.get(what) or list_of(name), text.split())
    if what in (proposals.DECLINED, proposals.KNOWN):
        listed_in, _colon, entry = text.partition(": ")
        if listed_in == proposals.PROCEDURE:
            entry = name_of(catalogues().procedures, entry)
        return f"{named('list', listed_in)}: {entry}"
    if what == "first":
        return name_of(catalogues().procedures, text)
    return _("yes") if text == "yes" else text


def _detail(text: str) -> str:
    """What ``lists.FIELD`` logs of a detail, in the reader's language; as it is where it cannot be told apart."""
    found = DETAIL.fullmatch(text)
    if not found:
        return text
    known = {
        "intake": _("needed {when}").format(when=_(fields_form.REQUIRED_NAMES["intake"])),
        "forward": _("needed {when}").format(when=_(fields_form.REQUIRED_NAMES["forward"])),
        "personal": _("personal"),
        "retired": _("no longer asked for"),
    }
    parts = [_(fields_form.TYPE_NAMES[found["type"]])]
    for part in filter(None, BETWEEN.split(found["more"])):
        choice = CHOICE.fullmatch(part)
        if choice:
            gone = f" ({known['retired']})" if choice["retired"] else ""
            parts.append(label(choice["vi"], choice["en"]) + gone)
        else:
            parts.append(known.get(part, part))
    return f"{label(found['vi'], found['en'])} ({', '.join(parts)})"
