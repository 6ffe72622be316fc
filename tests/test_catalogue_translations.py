"""Everything a person can read is there in Vietnamese, and proof that each check can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import translations

ROOT = Path(__file__).parents[1]
CHECKS = (
    translations.made_up,
    translations.untranslated,
    translations.unused,
    translations.wrong_plurals,
    translations.wrong_placeholders,
    translations.clashes,
    translations.careless,
)
HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)
GREETING = '_("Hello {name}")'


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_this_tree_is_wholly_translated(check: Callable[[Path], list[str]]) -> None:
    complaints = check(ROOT)
    assert not complaints, "\n".join(complaints)


def test_the_checks_see_this_tree() -> None:
    said = translations.said(ROOT)
    places = {each.where.rsplit(":")[0] for each in said}
    assert len(said) > 100
    assert {"core/errors.py", "core/i18n.py"} & places == {"core/i18n.py"}
    assert any(place.endswith(".html") for place in places)


# ruff: disable[E501]  # a row of a table stays one line
BAD = [
    # check, source, catalogue, what the complaint names, why
    ("made_up", '_(f"Hello {name}")', "", "pages/hello.py:1", "an f-string is gone before the catalogue is asked"),
    ("made_up", '_("Hello " + name)', "", "pages/hello.py:1", "so is a sum"),
    ("made_up", 'ngettext(f"{n} row", "{n} rows", n)', "", "pages/hello.py:1", "in a plural too"),
    ("untranslated", GREETING, "", "says “Hello {name}”", "no catalogue at all"),
    ("untranslated", GREETING, 'msgid "Hello {name}"\nmsgstr ""', "says “Hello {name}”", "an empty translation"),
    ("untranslated", GREETING, '#, fuzzy\nmsgid "Hello {name}"\nmsgstr "Chào {name}"', "says “Hello {name}”", "a guess"),
    ("untranslated", 'ngettext("{n} row", "{n} rows", n)', "", "“{n} row”", "a plural"),
    ("untranslated", 'X = N_("Work")', "", "“Work”", "a table marked for later"),
    ("untranslated", 'from core.errors import Invalid\nraise Invalid("Mend it.")', "", "“Mend it.”", "an error's template needs no mark"),
    ("untranslated", 'class Late(Invalid): ...\nraise Late("Too late.")', "", "“Too late.”", "an error of another name"),
    ("untranslated", 'raise Invalid(T, fields={"name": "Type a name"})', "", "“Type a name”", "what to mend per field"),
    ("untranslated", 'raise Invalid(T, {"name": "Type a name"})', "", "“Type a name”", "the same by position"),
    ("untranslated", '_("Met" if met else "Missed")', 'msgid "Met"\nmsgstr "Đạt"', "“Missed”", "both branches"),
    ("untranslated", "# a page\n<b>{{ _('Sign in') }}</b>", "", "pages/hello.html:2", "an HTML form"),
    ("unused", "", 'msgid "Bye"\nmsgstr "Tạm biệt"', "“Bye”, which nothing says", "left over"),
    ("unused", "", '#~ msgid "Bye"\n#~ msgstr "Tạm biệt"', "“Bye”, which nothing says", "left over, commented out"),
    ("wrong_plurals", 'ngettext("{n} row", "{n} rows", n)', 'msgid "{n} row"\nmsgstr "{n} dòng"', "counts “{n} row”", "a plural entered as a single message is never found"),
    ("wrong_placeholders", "", 'msgid "Hello {name}"\nmsgstr "Chào {ten}"', "{placeholders}", "a translated name raises at run time"),
    ("wrong_placeholders", "", 'msgid "Hello {name}"\nmsgstr "Chào"', "{placeholders}", "a lost value"),
    ("careless", "", 'msgid "Sign in first"\nmsgstr "Sign in first"', "in English", "not translated"),
    ("careless", "", 'msgid "Met"\nmsgstr "Đa\u0323t"', "not composed", "searches and fonts want composed letters"),
    ("careless", "", 'msgid "Met"\nmsgstr "Đạt "', "blanks", "a blank too many"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("check", "source", "catalogue", "complaint", "why"), BAD, ids=[f"{row[0]}: {row[4]}" for row in BAD]
)
def test_a_bad_tree_is_told_off(
    tmp_path: Path, check: str, source: str, catalogue: str, complaint: str, why: str
) -> None:
    put(tmp_path, "core/errors.py", "class PopsError(Exception): ...\nclass Invalid(PopsError): ...")
    put(tmp_path, "pages/hello.html" if source.startswith("# a page") else "pages/hello.py", source)
    put(tmp_path, "core/locale/vi/hello.po", HEADER + catalogue + "\n")
    complaints = getattr(translations, check)(tmp_path)
    assert len(complaints) == 1, why
    assert complaint in complaints[0], why


def test_two_catalogues_may_not_disagree(tmp_path: Path) -> None:
    put(tmp_path, "core/locale/vi/a.po", HEADER + 'msgid "Due"\nmsgstr "Đến hạn"\n')
    put(tmp_path, "core/locale/vi/b.po", HEADER + 'msgid "Due"\nmsgstr "Hạn"\n')
    assert translations.clashes(tmp_path) == ["a.po and b.po translate “Due” differently"]


def test_a_good_tree_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "core/errors.py", "class PopsError(Exception): ...\nclass Invalid(PopsError): ...")
    put(
        tmp_path,
        "pages/hello.py",
        'print(_("Hello {name}"), ngettext("{n} row", "{n} rows", n), _(row.title))\nraise Invalid(N_("Mend it."))',
    )
    put(
        tmp_path,
        "core/locale/vi/hello.po",
        HEADER
        + 'msgid "Hello {name}"\nmsgstr "Chào {name}"\n\n'
        + 'msgid "{n} row"\nmsgid_plural "{n} rows"\nmsgstr[0] "{n} dòng"\n\n'
        + 'msgid "Mend it."\nmsgstr "Hãy sửa lại."\n',
    )
    assert [complaint for check in CHECKS for complaint in check(tmp_path)] == []


def put(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text, encoding="utf-8")
