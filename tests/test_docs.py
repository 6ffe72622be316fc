"""What the documents say is there is there, and proof that each check can fail."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from core.errors import NotReady
from core.settings import Settings

ROOT = Path(__file__).parents[1]
DOMAIN = "docs/domain.md"
DOCUMENTS = (
    "README.md", "CONTRIBUTING.md", DOMAIN, "docs/architecture.md", "docs/deployment.md", "docs/sentences.md",
)  # fmt: skip
CITING = ("core", "pages", "tests", "data")
TEXTS = {".py", ".toml", ".js", ".css", ".html", ".po"}
DECISIONS = 28  # never fewer: a number once cited keeps its paragraph
PLACEHOLDERS = {"MAP.toml"}  # capital letters stand for a file of the reader's own
SUBJECT_LIMIT = 72

Check = Callable[[Path], list[str]]


def decided(root: Path) -> list[int]:
    """The numbers of the decisions that have a paragraph, ``- **D4 …``, in the order of the page."""
    return [int(n) for n in re.findall(r"^- \*\*D(\d+) ", _text(root, DOMAIN), re.MULTILINE)]


def missing_decisions(root: Path) -> list[str]:
    """Decisions without a paragraph of their own, or with two, or out of order."""
    numbers = decided(root)
    wanted = list(range(1, max(DECISIONS, *numbers, 0) + 1))
    if numbers == wanted:
        return []
    return [f"{DOMAIN} decides {numbers}, not D1 to D{wanted[-1]} once each in order"]


def unknown_decisions(root: Path) -> list[str]:
    """Citations of a decision that the page does not have; ``D1-D7`` and ``D1, D2`` cite each number written."""
    known = set(decided(root))
    return [
        f"{file.relative_to(root)}:{line} cites D{number}, which {DOMAIN} does not have"
        for folder in CITING
        for file in sorted((root / folder).rglob("*"))
        if file.suffix in TEXTS
        for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for number in re.findall(r"\bD(\d{1,2})\b", text)
        if int(number) not in known
    ]


def missing_paths(root: Path) -> list[str]:
    """Paths in code and links of the documents that the tree does not have; what .gitignore names comes at run time."""
    ignored = [line.rstrip("/") for line in _text(root, ".gitignore").splitlines() if line.strip()]
    return [
        f"{document} names {path}, which is not there"
        for document in DOCUMENTS
        for path in _paths(_text(root, document))
        if path not in PLACEHOLDERS
        and not (root / path).exists()
        and not any(fnmatch(path.rstrip("/"), f"{each}*") for each in ignored)
    ]


def missing_names(root: Path) -> list[str]:
    """``file.py::name`` where the file defines no such function, class or value."""
    found = []
    for document in DOCUMENTS:
        for path, dotted in re.findall(r"([\w/.]+\.py)::([\w.]+)", _text(root, document)):
            name = dotted.rsplit(".")[-1]
            defined = rf"^\s*(?:async def|def|class) {name}\b|^{name}\b\s*[:=]"
            if (root / path).exists() and not re.search(defined, _text(root, path), re.MULTILINE):
                found.append(f"{document} names {path}::{dotted}, which the file does not define")
    return found


def missing_targets(root: Path) -> list[str]:
    """``make`` targets that the documents or .ci/run name and the Makefile does not have."""
    targets = set(re.findall(r"^([a-z]+):", _text(root, "Makefile"), re.MULTILINE))
    sources = {name: "\n".join(_code(_text(root, name))) for name in DOCUMENTS} | {".ci/run": _text(root, ".ci/run")}
    return [
        f"{name} names make {target}, which the Makefile does not have"
        for name, text in sources.items()
        for target in re.findall(r"\bmake ([a-z]+)\b", text)
        if target not in targets
    ]


def missing_commands(root: Path) -> list[str]:
    """Commands of ``python -m core`` in the documents, and in the table of the README, that no module adds."""
    modules = "\n".join(file.read_text(encoding="utf-8") for file in sorted(root.glob("core/commands/*.py")))
    commands = set(re.findall(r'add_parser\(\s*"([a-z]+(?:-[a-z]+)*)"', modules))
    table = _text(root, "README.md").partition("| command (`.venv/bin/python -m core …`)")[2]
    named = [("README.md", command) for command in re.findall(r"^\| `([a-z]+(?:-[a-z]+)*)", table, re.MULTILINE)]
    for document in DOCUMENTS:
        named += [
            (document, command) for command in re.findall(r"python -m core ([a-z]+(?:-[a-z]+)*)", _text(root, document))
        ]
    return [
        f"{name} names the command {command}, which is not there" for name, command in named if command not in commands
    ]


def long_subject(root: Path) -> list[str]:
    """The newest commit's subject where it is too long; merges aside, and nothing where there is no history to read."""
    if not (root / ".git").exists():
        return []
    asked = ["git", "-C", str(root), "log", "-1", "--no-merges", "--format=%s"]
    try:
        subject = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return []
    return [f"“{subject}” has {len(subject)} characters"] if len(subject) >= SUBJECT_LIMIT else []


def _text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8") if (root / name).exists() else ""


def _code(text: str) -> Iterator[str]:
    """Fenced and indented blocks line by line, and code within sentences."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from (line for block in fenced for line in block.splitlines())
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"^    .+", rest, re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", rest)


def _paths(text: str) -> Iterator[str]:
    """Each word of code, and each target of a link, that looks like a path of this tree."""
    words = [word.split("::")[0].rstrip(".,;") for line in _code(text) for word in line.split()]
    words += re.findall(r"\]\(([^)#]+)\)", text)
    for word in words:
        looks = re.fullmatch(r"\.?\w[\w.-]*(/[\w.-]+)*/?", word)
        if looks and ("/" in word or re.search(r"\.(py|md|toml|po|in|js|css|html|png|txt|db)$", word)):
            yield word


CHECKS: tuple[Check, ...] = (
    missing_decisions,
    unknown_decisions,
    missing_paths,
    missing_names,
    missing_targets,
    missing_commands,
    long_subject,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_documents_are_true(check: Check) -> None:
    problems = check(ROOT)
    assert not problems, "\n".join(problems)


def test_the_checks_see_these_documents() -> None:
    whole = "\n".join(_text(ROOT, name) for name in DOCUMENTS)
    assert {"dashboard.py", "core/rules/", "docs/queue.png", "tests/test_docs.py"} <= set(_paths(whole))
    assert all(_text(ROOT, name) for name in (*DOCUMENTS, ".gitignore", ".ci/run", "Makefile"))


def test_the_readme_names_the_engines_that_the_settings_take() -> None:
    readme = _text(ROOT, "README.md")
    assert "Supported are SQLite" in readme
    assert "PostgreSQL" in readme
    with pytest.raises(NotReady) as refused:
        Settings.from_env({"DATABASE_URL": "mysql://host/complaints"})
    assert str(refused.value) == (
        "DATABASE_URL must look like sqlite:////folder/complaints.db or postgresql+psycopg://user:password@host/name."
    )


PAGE = "".join(f"- **D{number} a rule**: …\n" for number in range(1, DECISIONS + 1))
NEXT = DECISIONS + 1
# ruff: disable[E501]  # a row of a table stays one line
BAD = [
    # check, file, content, what the problem names, why
    ("missing_decisions", DOMAIN, PAGE.replace("**D13 ", "**13 "), "not D1 to D28", "a decision lost its paragraph"),
    ("missing_decisions", DOMAIN, PAGE + "- **D4 again**: …\n", "not D1 to D28", "one number, two rules"),
    ("missing_decisions", DOMAIN, PAGE + f"- **D{NEXT + 1} a rule**: …\n", f"not D1 to D{NEXT + 1}", "a number left out"),
    ("missing_decisions", DOMAIN, "", "not D1 to D28", "an empty page"),
    ("unknown_decisions", "core/rules/terms.py", f'"""As agreed (D{NEXT})."""', f"core/rules/terms.py:1 cites D{NEXT}", "never decided"),
    ("unknown_decisions", "tests/test_terms.py", f"x = 1\n# D1-D{NEXT}", f"tests/test_terms.py:2 cites D{NEXT}", "the end of a range"),
    ("unknown_decisions", "data/procedures/pops.toml", f'decision = "D{NEXT}"', f"cites D{NEXT}", "a procedure cites too"),
    ("missing_paths", "README.md", "See `core/gone.py`.", "README.md names core/gone.py", "code in a sentence"),
    ("missing_paths", "README.md", "See [the rules](docs/gone.md).", "names docs/gone.md", "a link"),
    ("missing_paths", "docs/architecture.md", "```\ncore/gone/  what was\n```", "names core/gone/", "a line of the tree"),
    ("missing_paths", "docs/architecture.md", "`core/gone.py::take`", "names core/gone.py", "a function of a file that is gone"),
    ("missing_paths", "CONTRIBUTING.md", "    cat core/gone/notes", "names core/gone/notes", "an indented block"),
    ("missing_paths", "CONTRIBUTING.md", "`gone.toml`", "names gone.toml", "a file at the top"),
    ("missing_names", "docs/architecture.md", "`core/errors.py::Gone`", "core/errors.py::Gone", "renamed"),
    ("missing_names", "docs/architecture.md", "`core/errors.py::Late.gone`", "::Late.gone", "a method renamed"),
    ("missing_names", "docs/architecture.md", "`core/errors.py::Lat`", "::Lat,", "the beginning of a name is not the name"),
    ("missing_targets", "README.md", "    make coffee", "README.md names make coffee", "a block"),
    ("missing_targets", "CONTRIBUTING.md", "`make coffee`", "CONTRIBUTING.md names make coffee", "code in a sentence"),
    ("missing_targets", ".ci/run", "make coffee", ".ci/run names make coffee", "what CI runs"),
    ("missing_commands", "README.md", "`python -m core brew`", "README.md names the command brew", "code in a sentence"),
    ("missing_commands", "README.md", "| command (`.venv/bin/python -m core …`) |\n| --- |\n| `brew` |", "the command brew", "the table"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("check", "file", "content", "problem", "why"), BAD, ids=[f"{row[0]}: {row[4]}" for row in BAD]
)
def test_an_untrue_document_is_found(
    tmp_path: Path, check: str, file: str, content: str, problem: str, why: str
) -> None:
    good_tree(tmp_path)
    put(tmp_path, file, content)
    problems = {each.__name__: each for each in CHECKS}[check](tmp_path)
    assert len(problems) == 1, why
    assert problem in problems[0], why


def test_true_documents_are_left_alone(tmp_path: Path) -> None:
    good_tree(tmp_path)
    assert [problem for check in CHECKS for problem in check(tmp_path)] == []


@pytest.mark.parametrize(
    ("length", "problems", "why"),
    [(SUBJECT_LIMIT - 1, 0, "the longest subject"), (SUBJECT_LIMIT, 1, "one character more")],
)
def test_a_long_subject_is_found(tmp_path: Path, length: int, problems: int, why: str) -> None:
    assert long_subject(tmp_path) == [], "no history, no problem"
    git(tmp_path, "init", "-q")
    assert long_subject(tmp_path) == [], "no commit yet"
    git(
        tmp_path,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x" * length + "\n\nThe reason, as long as it needs to be. " * 3,
    )
    assert len(long_subject(tmp_path)) == problems, why


def git(root: Path, *words: str) -> None:
    """A git command as somebody without settings of their own."""
    who = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.vn", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), "-c", "core.hooksPath=/dev/null", *who, *words], check=True)


def good_tree(root: Path) -> None:
    """A small tree whose documents are true."""
    put(root, ".gitignore", ".venv/\ndata/*.db\ndata/demo/\n")
    put(root, "Makefile", "test: ## all tests\n\ncheck: lint test\n")
    put(root, ".ci/run", "make check\n")
    put(root, "core/errors.py", "LIMIT: int = 3\n\n\nclass Late(Exception):\n    def why(self) -> str: ...\n")
    put(root, "core/commands/verify.py", 'parser = subparsers.add_parser(\n    "verify", help="prove"\n)\n')
    put(
        root,
        "README.md",
        "    make test   # fills data/demo, http://localhost:8501\n\n`python -m core verify`, `data/complaints.db`\n",
    )
    put(
        root,
        "CONTRIBUTING.md",
        "`make check` runs `.venv/bin/pytest`; see [the rules](docs/domain.md#d1) and `sqlite:////folder/a.db`.\n",
    )
    put(root, DOMAIN, PAGE)
    put(
        root,
        "docs/architecture.md",
        "```\ncore/errors.py  errors\n```\n`core/errors.py::Late.why` and `core/errors.py::LIMIT`\n",
    )
    put(root, "core/rules/terms.py", '"""Terms (D1-D7, D28); D100 and D200 are rules of the linter."""\n')


def put(root: Path, file: str, content: str) -> None:
    """Write ``content`` to ``file`` under ``root``."""
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(content, encoding="utf-8")
