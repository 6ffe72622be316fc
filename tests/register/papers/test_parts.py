"""What papers are made of is replaced: tried on a sample case first, kept in versions, carried by file and backup."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from core import shipped
from core.errors import Conflict, Invalid, NotAllowed
from core.register.case.evidence import open_file
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event
from core.register.log.verify import verify
from core.register.organisation import audit
from core.register.organisation import file as organisation_file
from core.register.papers import parts, sample, typeset
from core.register.papers.typeset import Template
from core.rules import colours
from core.rules.colours import AREAS, LETTERS, Colours, contrast
from core.rules.papers import BASE, COLOURS, ISSUED_KINDS, KINDS, LOGO, OF_A_MEETING, PARTS, template_of, text_of
from tests.conftest import Cast
from tests.register.cases import MON, advanced
from tests.register.papers.test_issue import issue, read, words

OWN = "#show: paper\n#title(d.title)\nMẫu riêng của chúng tôi.\n#paragraphs(d.body)\n"
REPLY = template_of("written_reply")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
PNG = typeset.pictures(Template("#set page(width: 10pt, height: 10pt, margin: 0pt)", "x"), {}, MON)[0]
LATER = MON + timedelta(hours=2)


def replace(register: Register, cast: Cast, name: str, content: str, version: int = 0) -> None:
    with register.write() as session:
        parts.replace(session, name, content, Act(cast.admin, LATER), version=version)


@pytest.mark.parametrize("organisation", [*shipped.organisations()])
@pytest.mark.parametrize("kind", [*KINDS])
def test_every_shipped_template_makes_its_paper(organisation: str, kind: str, sqlite_register: Register) -> None:
    template = Template(shipped.paper_part(BASE, organisation), shipped.paper_part(template_of(kind), organisation))
    with sqlite_register.read() as session:
        data = sample.of(session, kind)
    said = read(typeset.pdf(template, data, sample.AT))
    assert (
        sample.TITLES[kind].upper() in said
        and "Nguyễn Thị Ánh" in said
        and ("Trang 1 / " if kind == OF_A_MEETING else "Trang 1 / 1") in said
    )
    if kind in ISSUED_KINDS:
        parts.check_text(shipped.paper_part(text_of(kind), organisation))
        assert shipped.paper_part(text_of(kind), organisation).strip()


def test_the_next_paper_is_made_of_it_and_the_last_one_stays(register: Register, cast: Cast) -> None:
    code = advanced(register, cast, 2).code
    before = issue(register, code, cast.agent)
    replace(register, cast, REPLY, OWN)
    after = issue(register, code, cast.agent)
    with register.read() as session:
        assert "Mẫu riêng" not in words(session, before.file_id)
        assert "Mẫu riêng của chúng tôi." in words(session, after.file_id)
        newest = audit.versions(session)[0]
    assert (before.template, after.template) == ("typ.base@0 typ.written_reply@0", "typ.base@0 typ.written_reply@1")
    assert (newest.name, newest.by, newest.changes[0].what) == (REPLY, cast.admin.name, "replaced")
    assert verify(register).problems == []
    replace(register, cast, REPLY, "", 1)
    with register.read() as session:
        assert parts.get(session, REPLY) == (REPLY, shipped.paper_part(REPLY), 0, 2)


BROKEN = [
    (REPLY, "#show: paper\n\n#title(d.titel)", "Line 3: ", "a field that no paper has"),
    (REPLY, "#show: paper\n#let x = (\n", "Line 2: ", "a bracket that is not closed"),
    (REPLY, "#show: paper\n#no_such_thing", "Line 2: ", "a name that nothing has"),
    (REPLY, '#show: paper\n#import "@preview/cetz:0.3.0"', "Line 2: ", "a package from the network"),
    (REPLY, '#show: paper\n#eval("1")', "Line 2: ", "what could hide a package"),
    (REPLY, '#show: paper\n#image("/etc/passwd")', "Line 2: ", "a file of this machine"),
    (BASE, "#let d = json(bytes(sys.inputs.data))\n#let paper(x) = (", "line 2: ", "what all papers share"),
    (BASE, "#let d = json(bytes(sys.inputs.data))\n#let paper(x) = x", "Line ", "a base without what templates use"),
    (text_of("written_reply"), "Xin chào\n{ten}", "Line 2: {ten}", "a field that is not filled in"),
    (LOGO, "không phải ảnh", "picture", "no picture"),
    (LOGO, base64.b64encode(b"\x89PNG\r\n\x1a\nx").decode(), "picture", "a broken picture"),
    (COLOURS, 'accent = "#FFCC00"', "darker accent", "white letters on yellow"),
    (COLOURS, 'accent = "#777777"', "darker accent", "4.48 : 1, just below the limit of letters"),
    (COLOURS, 'accent = "#0F766E"\nsecond = "#959595"', "darker second", "2.97 : 1, just below the limit of lines"),
    (COLOURS, 'accent = "teal"', "no colour", "a name instead of digits"),
    (COLOURS, 'accent = "#0F766E"\nthird = "#0F766E"', "third", "more than two"),
    (COLOURS, 'second = "#0F766E"', "accent is missing", "a second one alone"),
    ("typ.nothing", "x", "no such part", "no such part"),
]


@pytest.mark.parametrize(("name", "content", "says", "why"), BROKEN, ids=[why for *_, why in BROKEN])
def test_what_is_broken_is_refused_with_line_and_reason(
    name: str, content: str, says: str, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    with sqlite_register.read() as session:
        before = len(session.scalars(select(Event)).all())
    with pytest.raises(Invalid) as refused:
        replace(sqlite_register, sqlite_cast, name, content)
    assert says in str(refused.value), why
    with sqlite_register.read() as session:
        assert len(session.scalars(select(Event)).all()) == before


def test_a_template_that_never_ends_is_refused(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "PATIENCE", 0.3)
    endless = "#show: paper\n#for a in range(9000) { for b in range(900) { let x = calc.pow(a, 2) } }"
    with pytest.raises(Invalid, match="look for a loop"):
        replace(sqlite_register, sqlite_cast, REPLY, endless)


def test_who_may_and_who_was_faster(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with pytest.raises(NotAllowed), sqlite_register.write() as session:
        parts.replace(session, REPLY, OWN, Act(sqlite_cast.lead, LATER), version=0)
    replace(sqlite_register, sqlite_cast, REPLY, OWN)
    with pytest.raises(Conflict):
        replace(sqlite_register, sqlite_cast, REPLY, OWN + "x")
    with pytest.raises(Invalid, match="Nothing changes"):
        replace(sqlite_register, sqlite_cast, REPLY, OWN, 1)


def test_a_logo_stands_on_every_paper(sqlite_register: Register, sqlite_cast: Cast) -> None:
    code = advanced(sqlite_register, sqlite_cast, 2).code
    without = issue(sqlite_register, code, sqlite_cast.agent)
    for version, picture in enumerate((PNG, SVG.encode())):
        replace(sqlite_register, sqlite_cast, LOGO, base64.b64encode(picture).decode(), version)
        with_it = issue(sqlite_register, code, sqlite_cast.agent)
        with sqlite_register.read() as session:
            assert words(session, with_it.file_id).replace(with_it.number, without.number) == words(
                session, without.file_id
            )


@pytest.mark.parametrize("organisation", [*shipped.organisations()])
def test_the_colours_that_come_with_the_program_can_be_seen_on_paper(organisation: str) -> None:
    found = colours.parse(shipped.paper_part(COLOURS, organisation), file=organisation)
    assert contrast(found.accent) >= LETTERS and contrast(found.second) >= AREAS


CONTRASTS = [
    ("#FFFFFF", 1.0, "white on white"),
    ("#000000", 21.0, "black, the most there is"),
    ("#767676", 4.54, "the lightest grey that WCAG lets letters have"),
    ("#FF0000", 4.0, "red: nearly enough, as the contrast of pure colours is given everywhere"),
]


@pytest.mark.parametrize(("colour", "expected", "why"), CONTRASTS, ids=[why for *_, why in CONTRASTS])
def test_contrast_is_that_of_wcag(colour: str, expected: float, why: str) -> None:
    assert contrast(colour) == pytest.approx(expected, abs=0.005), why


@pytest.mark.parametrize("given", [Colours("#0F766E", "#3B5BA9"), Colours("#000000", "#000000")])
def test_colours_are_read_as_they_are_written(given: Colours) -> None:
    assert colours.parse(colours.dump(given), file="x") == given


def test_colours_are_lines_of_the_next_paper_and_carried_by_the_file(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    code = advanced(sqlite_register, sqlite_cast, 2).code
    replace(sqlite_register, sqlite_cast, COLOURS, 'accent = "#123456"\nsecond = "#654321"\n')
    issued = issue(sqlite_register, code, sqlite_cast.agent)
    with sqlite_register.read() as session:
        content = PdfReader(open_file(session, issued.file_id)[1]).pages[0].get_contents()
        assert content is not None
        drawn = content.get_data().decode("latin-1")
        file = organisation_file.export(session, now=LATER)
    for channels in ("0.07058824 0.20392157 0.3372549", "0.39607844 0.2627451 0.12941177"):
        assert channels in drawn, "a line of each"
    replace(sqlite_register, sqlite_cast, COLOURS, "", 1)
    with sqlite_register.write() as session:
        assert parts.colours(session) == Colours("#0F766E", "#3B5BA9"), "ours again"
        organisation_file.take_in(session, file, Act(sqlite_cast.admin, LATER), file="x.toml")
        assert parts.colours(session) == Colours("#123456", "#654321")
        newest = audit.versions(session)[0]
    assert (newest.name, newest.by, newest.changes[0].what) == (COLOURS, sqlite_cast.admin.name, "replaced")
    assert verify(sqlite_register).problems == []


def test_the_file_of_the_organisation_carries_what_was_replaced(sqlite_register: Register, sqlite_cast: Cast) -> None:
    replace(sqlite_register, sqlite_cast, REPLY, OWN)
    replace(sqlite_register, sqlite_cast, LOGO, base64.b64encode(PNG).decode())
    with sqlite_register.read() as session:
        file = organisation_file.export(session, now=LATER)
    replace(sqlite_register, sqlite_cast, REPLY, "", 1)
    replace(sqlite_register, sqlite_cast, text_of("written_reply"), "Kính chào {name}")
    with sqlite_register.write() as session:
        taken = organisation_file.take_in(session, file, Act(sqlite_cast.admin, LATER), file="x.toml")
        assert {part.name for part in taken} == {"papers.typ.written_reply", "papers.txt.written_reply"}
        assert parts.replaced(session) == {REPLY: OWN, LOGO: base64.b64encode(PNG).decode()}
        assert organisation_file.take_in(session, file, Act(sqlite_cast.admin, LATER), file="x.toml") == []
        older = file.split("[papers]")[0] + "[procedures]" + file.split("[procedures]")[1]
        assert organisation_file.take_in(session, older, Act(sqlite_cast.admin, LATER), file="x.toml") == []
        broken = file.replace("#paragraphs(d.body)", "#paragraphs(d.bodi)")
        with pytest.raises(Invalid, match=r"x.toml: papers.typ.written_reply"):
            organisation_file.take_in(session, broken, Act(sqlite_cast.admin, LATER), file="x.toml")


def test_no_part_has_the_name_of_a_list_or_is_too_long_for_its_column() -> None:
    assert max(map(len, PARTS)) <= 32
    assert all("." in part for part in PARTS), "no procedure or list has a point in its key"
