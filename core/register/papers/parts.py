"""What papers are made of, as an organisation has it: templates, first texts, logo and colours (D45), replaced by
administrators.

A part is kept like a list: versions under its name (``core.rules.papers.PARTS``), each with its event, digest and
place in backups. One that nobody replaced is the program's own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from core.i18n import N_, sentence
from core.register import rulebook
from core.register.log.act import Act
from core.register.papers import sample, typeset
from core.register.papers.typeset import Template
from core.register.people import accounts
from core.register.rulebook import Change
from core.rules import colours as looks
from core.rules.checked import refuse
from core.rules.colours import Colours
from core.rules.papers import (
    BASE,
    COLOURS,
    FIELDS,
    KINDS,
    LOGO,
    LONGEST_LOGO,
    LONGEST_TEMPLATE,
    PARTS,
    template_of,
)
from core.rules.text import keepable

ACTION = "manage_lists"
REPLACED, PUT_BACK = "replaced", "put_back"
"""What a ``Change`` of a part is of."""
PNG, JPEG, SVG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"<svg"
_FIELD = re.compile(r"\{([^{}\n]*)\}")


class Part(NamedTuple):
    """One part: ``version`` is 0 for the program's own, ``newest`` the number of its last version."""

    name: str
    content: str
    version: int
    newest: int


def get(session: Session, name: str) -> Part:
    """The part as it stands."""
    content, version = rulebook.paper_part(session, name)
    return Part(name, content, version, rulebook.version_of(session, "catalogue", name))


def template(session: Session, kind: str) -> tuple[Template, str]:
    """The template of a kind of paper, and the versions of its parts as events name them."""
    base, own = get(session, BASE), get(session, template_of(kind))
    return Template(base.content, own.content), f"{base.name}@{base.version} {own.name}@{own.version}"


def logo(session: Session) -> list[int] | None:
    """The bytes of the logo as a template takes them; None where there is none."""
    content = get(session, LOGO).content
    return list(base64.b64decode(content)) if content else None


def colours(session: Session) -> Colours:
    """The colours of the organisation; the program's own where neither it nor its files name any."""
    return looks.parse(get(session, COLOURS).content, file=COLOURS)


def picture(session: Session) -> bytes | None:
    """The logo where it is a picture of points, which any program draws; None for none and for SVG."""
    content = bytes(logo(session) or ())
    return content if content.startswith((PNG, JPEG)) else None


def replace(session: Session, name: str, content: str, act: Act, *, version: int) -> None:
    """Make the part say ``content`` (logo: base64, colours: TOML) from now on; empty: as the program has it.

    ``version``: the newest that was seen. Raises NotAllowed, Conflict where somebody was faster, and Invalid with line
    and reason for a template that makes no paper, for a field that no text has, for what is no picture, for colours
    that cannot be seen on paper.
    """
    accounts.check_may(session, act, ACTION)
    before = get(session, name)
    if before.newest != version:
        raise Conflict(N_("Somebody else replaced this part meanwhile: look at it as it is now, then try again."))
    if content == (before.content if before.version else ""):
        raise Invalid(N_("Nothing changes."))
    check(session, name, content)
    what = REPLACED if content else PUT_BACK
    rulebook.add_paper_part(session, name, content, act, [Change(name, what, "", "")])


def replaced(session: Session) -> dict[str, str]:
    """Every part that is not the program's own, with its content, in the order of ``PARTS``."""
    found = (get(session, name) for name in PARTS)
    return {one.name: one.content for one in found if one.version}


def make(session: Session, wanted: Mapping[str, str] | None, act: Act, *, file: str) -> dict[str, Change]:
    """Make the replaced parts those of ``wanted``, and no others; None: leave them. Returns what changed of each.

    Raises Invalid naming file, part and reason; the base is taken first, since the others are tried with it.
    """
    if wanted is None:
        return {}
    if unknown := wanted.keys() - set(PARTS):
        refuse(file, f"papers.{min(unknown)}", "is no part of a paper")
    before, changes = replaced(session), dict[str, Change]()
    for name in PARTS:
        content = wanted.get(name, "")
        if content == before.get(name, ""):
            continue
        try:
            check(session, name, content)
        except Invalid as wrong:
            refuse(file, f"papers.{name}", sentence(wrong).rstrip("."))
        changes[name] = Change(name, REPLACED if content else PUT_BACK, "", "")
        rulebook.add_paper_part(session, name, content, act, [changes[name]])
    return changes


def check(session: Session, name: str, content: str) -> None:
    """Raise Invalid where the part cannot be so; each kind of paper that is made of it is tried on the sample case."""
    if name not in PARTS:
        raise Invalid(N_("There is no such part of a paper."))
    if not content:
        return
    if name == LOGO:
        _check_logo(content)
    elif name == COLOURS:
        looks.parse(content, file=COLOURS)
    elif name.startswith("txt."):
        check_text(content)
    else:
        _check_template(session, name, content)


def check_text(content: str) -> None:
    """Raise Invalid where a first text has a field that nobody fills in, or is too long."""
    if len(content) > LONGEST_TEMPLATE or keepable(content) != content:
        raise Invalid(N_("The text is too long, or holds signs that cannot be kept."))
    for number, line in enumerate(content.splitlines(), 1):
        for field in _FIELD.findall(line):
            if field not in FIELDS:
                sentence = N_("Line {line}: {reason}")
                raise Invalid(sentence, line=number, reason=f"{{{field}}}: {', '.join(f'{{{one}}}' for one in FIELDS)}")


def _check_logo(content: str) -> None:
    try:
        picture = base64.b64decode(content, validate=True)
    except ValueError:
        picture = b""
    if len(picture) > LONGEST_LOGO:
        raise Invalid(N_("The logo is larger than {size} KB: send a smaller one."), size=LONGEST_LOGO // 1000)
    if not (picture.startswith((PNG, JPEG)) or SVG in picture[:1_000]):
        raise Invalid(N_("The logo must be a picture: PNG, JPEG or SVG."))
    base = Template("#let d = json(bytes(sys.inputs.data))", "#image(bytes(d.logo), height: 14mm)")
    try:
        typeset.pictures(base, {"logo": list(picture)}, sample.AT)
    except Invalid as broken:
        raise Invalid(N_("The logo must be a picture: PNG, JPEG or SVG.")) from broken


def _check_template(session: Session, name: str, content: str) -> None:
    if len(content) > LONGEST_TEMPLATE or keepable(content) != content:
        raise Invalid(N_("The text is too long, or holds signs that cannot be kept."))
    kinds = KINDS if name == BASE else [name.partition(".")[2]]
    for kind in kinds:
        now, _versions = template(session, kind)
        tried = Template(content, now.own) if name == BASE else Template(now.base, content)
        typeset.tried(tried, sample.of(session, kind), sample.AT)
