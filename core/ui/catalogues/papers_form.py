"""What papers are made of (D39): each part read, replaced after a look at a sample case, and put back."""

from __future__ import annotations

import base64

import streamlit as st

from core.errors import PopsError
from core.i18n import gettext as _
from core.i18n import named, number, sentence
from core.register.papers import parts, sample, typeset
from core.register.papers.parts import Part
from core.register.papers.typeset import Template
from core.rules import colours
from core.rules.colours import Colours
from core.rules.papers import BASE, COLOURS, ISSUED_KINDS, KINDS, LOGO, LONGEST_LOGO, OF_A_MEETING, PARTS, template_of
from core.ui import address, doing, style
from core.ui.catalogues import words
from core.ui.context import PageContext
from core.ui.text import md, plain

HEIGHT = 420  # pixels of a template
ROUND = "papers_round"


def show(context: PageContext) -> None:
    """One part of the papers, chosen by the URL, and the way to the others."""
    name = address.word("part", PARTS, PARTS[1])
    st.title(plain(named("list", "papers")), anchor=False)
    doing.show_notice()
    st.selectbox(
        _("Part"),
        PARTS,
        index=PARTS.index(name),
        format_func=words.paper_part,
        key="papers_part",
        on_change=address.follow("papers_part", name, "part", default=PARTS[1]),
    )
    with context.register.read() as session:
        part = parts.get(session, name)
    version = doing.seen(f"papers.{name}", part.newest)
    replaced = _("Replaced by you: version {version}.").format(version=part.version)
    st.caption(plain(replaced if part.version else _("As it comes with the program.")))
    if name == LOGO:
        _logo(context, part, version)
    elif name == COLOURS:
        _colours(context, part, version)
    else:
        _text(context, part, version)
    if part.version:
        doing.button(
            context,
            _("Remove the logo") if name == LOGO else _("Put back the program's own"),
            lambda session, act: parts.replace(session, name, "", act, version=version),
            _("“{part}” is as it comes with the program.").format(part=words.paper_part(name)),
            key="papers_back",
            then=_anew,
            icon=":material/undo:",
        )


def _text(context: PageContext, part: Part, version: int) -> None:
    """A template, or the text that papers of a kind begin with."""
    if part.name.startswith("txt."):
        st.caption(
            _(
                "Each line is a paragraph. {organisation}, {name}, {code}, {received}, {due} and {result} are filled "
                "in; a line of which nothing is known is left out."
            )
        )
    else:
        st.caption(_("A template of Typst, with the fields of the sample case as d. No files, no packages."))
    key = f"papers_text_{part.name}_{st.session_state.get(ROUND, 0)}_{version}"
    content = st.text_area(plain(words.paper_part(part.name)), part.content, key=key, height=HEIGHT) or ""
    done = _("“{part}” is replaced; papers that were issued stay as they are.")
    _use(context, part, content, version, done.format(part=words.paper_part(part.name)))


def _logo(context: PageContext, part: Part, version: int) -> None:
    if part.content:
        st.image(base64.b64decode(part.content), width=240, alt=_("Logo"))
    style.around_uploads()
    key = f"papers_logo_{st.session_state.get(ROUND, 0)}"
    label = md(_("A picture, PNG, JPEG or SVG, up to {size} KB"), size=LONGEST_LOGO // 1000)
    given = st.file_uploader(label, type=["png", "jpg", "jpeg", "svg"], key=key)
    if given is None:
        return
    content = base64.b64encode(given.getvalue()).decode()
    _use(context, part, content, version, _("The logo stands on papers from now on."))


def _colours(context: PageContext, part: Part, version: int) -> None:
    """Both colours, and how each stands out from white."""
    st.caption(
        _(
            "They stand as lines and heads of tables on slides, minutes and papers, and colour bars of counts. "
            "What was kept and missed has colours of its own. A layout that you replaced uses d.accent and d.second "
            "where it names them."
        )
    )
    now, key = colours.parse(part.content, file=COLOURS), f"papers_{{}}_{st.session_state.get(ROUND, 0)}_{version}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        accent = st.text_input(_("Accent colour"), now.accent, key=key.format(colours.ACCENT), max_chars=7, width=140)
        second = st.text_input(_("Second colour"), now.second, key=key.format(colours.SECOND), max_chars=7, width=140)
        chosen = Colours(accent.strip().upper(), second.strip().upper())
        if all(map(colours.is_colour, chosen)):
            st.image(_swatch(chosen), width=180, alt=_("Both colours beside each other"))
    if all(map(colours.is_colour, chosen)):
        _contrasts(chosen)
    done = _("Slides, minutes and papers have these colours from now on; those that were issued stay as they are.")
    _use(context, part, colours.dump(chosen), version, done)


def _swatch(chosen: Colours) -> str:
    """White letters on the first, and a line of the second."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="40">'
        f'<rect width="180" height="32" fill="{chosen.accent}"/>'
        f'<rect y="32" width="180" height="8" fill="{chosen.second}"/>'
        '<text x="12" y="22" font-family="sans-serif" font-size="15" fill="#FFFFFF">ABC 123</text></svg>'
    )


def _contrasts(chosen: Colours) -> None:
    told = _(
        "Contrast with white: {accent} {of_accent} : 1, {second} {of_second} : 1; needed are {letters} and {areas}."
    )
    of_accent, of_second = (number(colours.cut(colours.contrast(one)), 1) for one in chosen)
    letters, areas = (number(one, 1) for one in (colours.LETTERS, colours.AREAS))
    st.caption(
        plain(told.format(**chosen._asdict(), of_accent=of_accent, of_second=of_second, letters=letters, areas=areas))
    )


def _use(context: PageContext, part: Part, content: str, version: int, done: str) -> None:
    """The buttons that look at a sample with ``content``, and that take it into use."""
    with st.container(horizontal=True):
        looks = st.button(_("Look at a sample"), key="papers_look", icon=":material/visibility:")
        doing.button(
            context,
            _("Use this from now on"),
            lambda session, act: parts.replace(session, part.name, content, act, version=version),
            done,
            key="papers_save",
            then=_anew,
            icon=":material/check:",
            type="primary",
        )
    if looks:
        _look(context, part.name, content)


def _look(context: PageContext, name: str, content: str) -> None:
    """The sample case as a paper with this part, or why that cannot be."""
    try:
        with context.register.read() as session:
            parts.check(session, name, content)
            pages = _pages(context, name, content)
    except PopsError as refused:
        st.error(plain(sentence(refused)), icon=":material/error:")
        return
    for n, page in enumerate(pages, 1):
        st.image(page, width="stretch", alt=_("Page {n} of {pages}").format(n=n, pages=len(pages)))


def _pages(context: PageContext, name: str, content: str) -> list[bytes]:
    kind = name.partition(".")[2] if name.partition(".")[2] in KINDS else ISSUED_KINDS[0]
    kind = OF_A_MEETING if name == COLOURS else kind  # it has a line, and the head of a table
    with context.register.read() as session:
        now, _versions = parts.template(session, kind)
        data = sample.of(session, kind)
        data["logo"] = parts.logo(session)
    if name == BASE:
        now = Template(content, now.own)
    elif name == template_of(kind):
        now = Template(now.base, content)
    elif name == LOGO:
        data["logo"] = list(base64.b64decode(content))
    elif name == COLOURS:
        chosen = colours.parse(content, file=COLOURS)
        data["accent"], data["second"] = chosen.accent, chosen.second
    else:
        data["body"] = content
    return typeset.pictures(now, data, sample.AT)


def _anew() -> None:
    """The part was written: its field shows what is in use."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
