"""A comment thread as it is copied from a page, taken apart (D44): who wrote what, and when.

Facebook puts the age of a comment beneath it, beside what can be pressed; YouTube, Google Play and the App Store put
name and time above. What the page offers to press is no part of what anybody said. Ages are told in whole hours, days
or weeks, so a moment that follows from one is about right and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from core.rules.calendar import LOCAL
from core.rules.text import fold

MOST_LINES, MOST_COMMENTS = 2_000, 100


class Site(StrEnum):
    """Where a thread was copied, as far as its words tell; the keys of channels."""

    FACEBOOK = "facebook"
    YOUTUBE = "youtube"
    APP_ANDROID = "app_android"
    APP_IOS = "app_ios"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: ``who`` as the page names them, empty where it does not say; ``at`` about when, None if unknown."""

    who: str
    at: datetime | None
    what: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments in the order of the page, and where they were copied."""

    comments: tuple[Comment, ...]
    site: Site | None


_UNITS = {
    **dict.fromkeys(("giay", "second", "seconds", "s", "sec"), timedelta(seconds=1)),
    **dict.fromkeys(("phut", "minute", "minutes", "min", "mins", "m"), timedelta(minutes=1)),
    **dict.fromkeys(("gio", "hour", "hours", "hr", "hrs", "h", "g"), timedelta(hours=1)),
    **dict.fromkeys(("ngay", "day", "days", "d"), timedelta(days=1)),
    **dict.fromkeys(("tuan", "week", "weeks", "w"), timedelta(weeks=1)),
    **dict.fromkeys(("thang", "month", "months", "mo"), timedelta(days=30)),
    **dict.fromkeys(("nam", "year", "years", "y"), timedelta(days=365)),
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_MONTHS = {
    name: n + 1
    for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
_EDITED = r"(?: ?\(?(?:da chinh sua|edited)\)?)?"
_AT = r"(?: ?(?:luc|at|,)? ?(?P<hour>\d{1,2}):(?P<minute>\d{2}) ?(?P<half>[ap]m)?)?"
_AGE = re.compile(rf"(?P<n>\d{{1,3}}) ?(?P<unit>{_UNIT})(?: truoc| ago)?{_EDITED}")
_JUST = re.compile(rf"(?:vua xong|just now|bay gio|now){_EDITED}")
_YESTERDAY = re.compile(rf"(?:hom qua|yesterday){_AT}{_EDITED}")
_DATES = (
    re.compile(rf"(?P<day>\d{{1,2}}) (?:thang|thg) (?P<month>\d{{1,2}})(?:,? (?P<year>\d{{4}}))?{_AT}{_EDITED}"),
    re.compile(rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}){_AT}{_EDITED}"),
    re.compile(rf"(?P<day>\d{{1,2}}) (?P<name>[a-z]{{3}})[a-z]*(?: (?P<year>\d{{4}}))?{_AT}{_EDITED}"),
    re.compile(rf"(?P<name>[a-z]{{3}})[a-z]* (?P<day>\d{{1,2}})(?:,? (?P<year>\d{{4}}))?{_AT}{_EDITED}"),
)
_BETWEEN = r"(?: ?[·•|] ?| +)"
_PRESSED = (
    "thich|like|love|yeu thich|haha|phan hoi|tra loi|reply|chia se|share|an|hide|xem ban dich|see translation|"
    "xem them|see more|doc them|read more|theo doi|follow|da chinh sua|edited|more_vert|flag|"
    "xem tat ca \\d+ phan hoi|xem (?:them )?\\d+ (?:phan hoi|cau tra loi)|view (?:all )?\\d+ (?:replies|reply)|"
    "\\d+ (?:phan hoi|replies|reply|cau tra loi)|hide \\d+ replies|phu hop nhat|most relevant|moi nhat|newest|"
    "\\d+ nguoi thay (?:bai danh gia|noi dung) nay huu ich|"
    "\\d+ people found this review helpful|"
    "viet binh luan|write a comment|viet phan hoi|write a reply"
)
_BADGES = (
    "tac gia|author|fan cung|top fan|quan tri vien|admin|da xac minh|verified|pinned by .+|da ghim boi .+|nguoi ban|moi"
)
_NOISE = re.compile(rf"(?:{_PRESSED})(?:{_BETWEEN}(?:{_PRESSED}))*|[\d.,]+ ?[kn]?|[·•…?!.,]+")
_ASKED = re.compile(r"ban thay noi dung nay co huu ich khong ?\??|did you find this (?:review )?helpful ?\??")
_ANSWERS = frozenset({"co", "khong", "yes", "no"})
_BADGE = re.compile(_BADGES)
_REPLY = re.compile(r"(?:thich|like)?(?: ?[·•] ?)?(?:phan hoi|tra loi|reply)")
_JOINED = re.compile(
    rf"^(?P<when>\d{{1,3}} ?(?:{_UNIT})|vua xong|just now) ?[·•]? ?(?P<rest>thich.*|like.*|phan hoi.*|reply.*)$"
)
_STARS = re.compile(r"[★☆⭐]{1,5}|(?:star ){1,5}star|rated \d stars? out of five(?: stars)?|duoc xep hang \d sao .*")
_HANDLE = re.compile(r"@[\w.-]{3,}")


def take_apart(text: str, now: datetime) -> Thread:
    """The comments of a copied thread; a text that is none is one comment of nobody known.

    ``now``: when it was copied, from which ages count. Never an error: what is not understood stays in the text.
    """
    lines = list(_lines(text))[:MOST_LINES]
    whens = {n: when for n, line in enumerate(lines) if (when := moment(line, now)) is not None}
    if not whens:
        said = "\n".join(_said(lines))
        return Thread((Comment("", None, said),) if said else (), _site(lines, beneath=False))
    beneath = _is_beneath(lines, whens)
    found = _ended_by_time(lines, whens) if beneath else _begun_by_time(lines, whens)
    return Thread(tuple(one for one in found if one.what or one.who)[:MOST_COMMENTS], _site(lines, beneath=beneath))


def moment(line: str, now: datetime) -> datetime | None:
    """When a line says that a comment was written; None for a line that says anything else besides."""
    said = fold(line).strip(" ·•")
    if age := _AGE.fullmatch(said):
        return now - int(age["n"]) * _UNITS[age["unit"]]
    if _JUST.fullmatch(said):
        return now
    if yesterday := _YESTERDAY.fullmatch(said):
        return _on(now.astimezone(LOCAL) - timedelta(days=1), yesterday)
    for date in _DATES:
        if found := date.fullmatch(said):
            return _dated(found, now)
    return None


def _dated(found: re.Match[str], now: datetime) -> datetime | None:
    """A day as it was written; without its year the newest such day that is not to come."""
    given, local = found.groupdict(), now.astimezone(LOCAL)
    month = _MONTHS.get(given["name"]) if given.get("name") else int(given["month"])
    if month is None:
        return None
    years = [int(given["year"])] if given["year"] else [local.year, local.year - 1]
    for year in years:
        try:
            day = _on(datetime(year, month, int(given["day"]), tzinfo=LOCAL), found)
        except ValueError:
            return None
        if day <= now + timedelta(days=1):
            return min(day, now)
    return None


def _on(day: datetime, found: re.Match[str]) -> datetime:
    """The moment on ``day``; at noon where no time was written. Raises ValueError for a time that there is not."""
    if found["hour"] is None:
        return datetime.combine(day.date(), time(12), LOCAL)
    hour = int(found["hour"]) % 12 + 12 * (found["half"] == "pm") if found["half"] else int(found["hour"])
    return datetime.combine(day.date(), time(hour, int(found["minute"])), LOCAL)


def _lines(text: str) -> Iterator[str]:
    """The lines without empty ones; ``2 giờThíchPhản hồi``, as some browsers copy it, in its parts."""
    for raw in text.replace("\r\n", "\n").replace("\u00a0", " ").split("\n"):
        line = " ".join(raw.split())
        if joined := _JOINED.match(fold(line)):
            yield line[: len(joined["when"])]
            yield line[len(joined["when"]) :].strip(" ·•")
        elif line:
            yield line


def _said(lines: Sequence[str]) -> list[str]:
    """The lines that somebody wrote; ``Không`` is what Google Play offers to press only where it has just asked."""
    found, asked = list[str](), False
    for line in lines:
        folded = fold(line)
        asked = bool(_ASKED.fullmatch(folded)) or (asked and folded in _ANSWERS)
        if not asked and not _is_noise(line):
            found.append(line)
    return found


def _is_noise(line: str) -> bool:
    said = fold(line)
    return bool(_NOISE.fullmatch(_spaced(said)) or _NOISE.fullmatch(said) or _STARS.fullmatch(said))


def _spaced(said: str) -> str:
    """``thichphan hoi`` in its words."""
    return re.sub(r"^(thich|like)(?=phan hoi|reply|tra loi)", r"\1 ", said)


def _is_beneath(lines: Sequence[str], whens: dict[int, datetime]) -> bool:
    """Whether the time stands beneath a comment: then what can be pressed follows it."""
    follows = [_REPLY.match(_spaced(fold(lines[n + 1]))) is not None for n in whens if n + 1 < len(lines)]
    pressed = [fold(lines[n + 1]).startswith(("thich", "like")) for n in whens if n + 1 < len(lines)]
    return any(follows) or any(pressed)


def _ended_by_time(lines: Sequence[str], whens: dict[int, datetime]) -> Iterator[Comment]:
    begin = 0
    for end, at in whens.items():
        said = _said(lines[begin:end])
        begin = end + 1
        if said:
            yield Comment(said[0], at, "\n".join(_without_badges(said[1:])))


def _begun_by_time(lines: Sequence[str], whens: dict[int, datetime]) -> Iterator[Comment]:
    places = list(whens)
    for n, place in enumerate(places):
        end = len(lines) if n + 1 == len(places) else _name_before(lines, places[n + 1])
        name = _name_before(lines, place)
        said = _said(lines[place + 1 : end])
        yield Comment(lines[name] if name < place else "", whens[place], "\n".join(_without_badges(said)))


def _name_before(lines: Sequence[str], place: int) -> int:
    """The line above a time that names its writer; the place itself where there is none."""
    for n in range(place - 1, max(place - 4, -1), -1):
        if not _is_noise(lines[n]) and not _BADGE.fullmatch(fold(lines[n])):
            return n
    return place


def _without_badges(lines: Sequence[str]) -> Sequence[str]:
    """What is said, without the words beside a name that say what somebody is."""
    first = next((n for n, line in enumerate(lines) if not _BADGE.fullmatch(fold(line))), len(lines))
    return lines[first:]


def _site(lines: Sequence[str], *, beneath: bool) -> Site | None:
    said = [fold(line) for line in lines]
    if any("more_vert" in line or "huu ich" in line or "helpful" in line for line in said):
        return Site.APP_ANDROID
    if any(_HANDLE.fullmatch(line) for line in said):
        return Site.YOUTUBE
    if beneath:
        return Site.FACEBOOK
    return Site.APP_IOS if any(_STARS.fullmatch(line) for line in said) else None
