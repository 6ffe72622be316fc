"""What the tree may not do: each check takes a source tree and returns one sentence per line of code that does it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

# Lower floors never import higher ones; floors of one number are neighbours that never import each other.
FLOORS = {
    "core.errors": 0,
    "core.rules": 1,
    "core.clock": 2,
    "core.settings": 2,
    "core.shipped": 2,
    "core.catalogues": 2,
    "core.i18n": 2,
    "core.register": 3,
    "core.insight": 4,
    "core.papers": 5,
    "core.ui": 6,
    "core.web": 6,
    "core.commands": 7,
    "pages": 7,
    "dashboard": 8,
    "core.__main__": 8,
}
# The leaves are words and files for everybody, so they may use each other; `rules` lies below them.
LEAVES = {"core.settings", "core.shipped", "core.catalogues", "core.i18n"}

STREAMLIT_FLOORS = {"core.ui", "pages", "dashboard"}
NOT_FOR_PAGES = {"sqlalchemy", "polars", "plotly"}
RULES_MAY_USE = (sys.stdlib_module_names | {"numpy", "phonenumbers", "rapidfuzz", "tomli_w"}) - {
    "asyncio", "ftplib", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
RULES_MAY_NOT_CALL = {"open", "print", "input"}
EDGES = {"core.clock", "core.settings", "core.commands", "core.web", "core.ui", "core.__main__"}
CLOCK_AND_ENVIRONMENT = {
    "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "os.environ", "os.getenv",
    "sqlalchemy.func.now", "sqlalchemy.func.current_timestamp", "sqlalchemy.func.current_date",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Module:
    """One source file: its dotted name, its floor, and its syntax tree; the same object for the same text."""

    name: str
    is_package: bool
    tree: ast.Module

    @property
    def floor(self) -> str:
        return floor_of(self.name)

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


def floor_of(name: str) -> str:
    """``core.register.people.accounts`` → ``core.register``; ``pages.queue`` → ``pages``; ``core`` → ``core``."""
    first, *rest = name.split(".")
    return f"core.{rest[0]}" if first == "core" and rest else first


def modules(root: Path) -> list[Module]:
    """Every module of the application under ``root``: core/, pages/ and dashboard.py."""
    files = [*root.glob("dashboard.py"), *root.glob("core/**/*.py"), *root.glob("pages/**/*.py")]
    return [_module(root, file) for file in sorted(files)]


def _module(root: Path, file: Path) -> Module:
    parts = file.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return _parsed(name, is_package, file.read_text(encoding="utf-8"))


@cache  # each check looks at the whole tree, and parsing it takes seconds
def _parsed(name: str, is_package: bool, text: str) -> Module:
    return Module(name, is_package, ast.parse(text, name))


@cache
def imports(module: Module) -> tuple[tuple[ast.AST, str], ...]:
    """Every dotted name ``module`` imports, with its node; also inside functions and by ``import_module``."""
    return tuple(_imports(module))


def _imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, node)
            # `from core import register` imports the floor, so each name counts as a dotted path of its own.
            yield from ((node, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and last_name(node.func) in {"import_module", "__import__"} and node.args:
            given = node.args[0]
            yield node, str(given.value) if isinstance(given, ast.Constant) else "a name made up at run time"


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    base = parts[: len(parts) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])


def last_name(node: ast.expr) -> str:
    """``person`` of ``accounts.person`` and of ``person``; empty for what has no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def unknown_rooms(root: Path) -> list[str]:
    """Modules that stand on no floor of the plan."""
    return [f"{m.name} stands on no floor of the plan" for m in modules(root) if m.floor not in FLOORS | {"core": 0}]


def upward_imports(root: Path) -> list[str]:
    """Imports that go up, or sideways to a neighbour."""
    return [
        f"{module.at(node)} imports {target}: {module.floor} may not use {floor_of(target)}"
        for module in modules(root)
        for node, target in imports(module)
        if floor_of(target) in FLOORS and not _may_use(module.floor, floor_of(target))
    ]


def _may_use(user: str, used: str) -> bool:
    return user == used or {user, used} <= LEAVES or FLOORS.get(user, 0) > FLOORS[used]


def impure_rules(root: Path) -> list[str]:
    """What ``core/rules`` takes from outside, but for the pure part of the standard library and ``RULES_MAY_USE``."""
    complaints = []
    for module in (m for m in modules(root) if m.floor == "core.rules"):
        for node, target in imports(module):
            if target.split(".")[0] != "core" and target.split(".")[0] not in RULES_MAY_USE:
                complaints.append(f"{module.at(node)} imports {target}: rules are pure")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RULES_MAY_NOT_CALL:
                complaints.append(f"{module.at(node)} calls {node.func.id}(): rules do no input or output")
    return complaints


def streamlit_elsewhere(root: Path) -> list[str]:
    """Imports of Streamlit outside the screens."""
    return [
        f"{module.at(node)} imports {target}: only core/ui and pages know Streamlit"
        for module in modules(root)
        for node, target in imports(module)
        if target.split(".")[0] == "streamlit" and module.floor not in STREAMLIT_FLOORS
    ]


def pages_with_machinery(root: Path) -> list[str]:
    """Pages that ask the database or draw the figure themselves."""
    return [
        f"{module.at(node)} imports {target}: a page asks core/insight or core/register instead"
        for module in modules(root)
        for node, target in imports(module)
        if module.floor == "pages" and target.split(".")[0] in NOT_FOR_PAGES
    ]


def undeclared_packages(root: Path) -> list[str]:
    """Packages that happen to be installed because another one needs them, but that requirements.in does not name."""
    lines = (root / "requirements.in").read_text(encoding="utf-8").splitlines()
    declared = {_canonical(re.split(r"[=\[]", line)[0]) for line in lines if line and not line.startswith("#")}
    owners = packages_distributions()
    return [
        f"{module.at(node)} imports {target}: requirements.in does not name its package"
        for module in modules(root)
        for node, target in imports(module)
        if (package := target.split(".")[0]) not in sys.stdlib_module_names | {"core", "pages", "dashboard"}
        and not declared & {_canonical(owner) for owner in owners.get(package, [package])}
    ]


def _canonical(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def clock_and_environment(root: Path) -> list[str]:
    """Places inside core that ask the clock or the environment, which only the edges may."""
    return [
        f"{module.at(node)} asks {asked}: time and settings are arguments"
        for module in modules(root)
        if module.name.startswith("core") and module.floor not in EDGES
        for node, asked in _asked(module)
    ]


def _asked(module: Module) -> Iterator[tuple[ast.AST, str]]:
    meaning = _local_names(module.tree)
    for node in ast.walk(module.tree):
        dotted = _dotted(node, meaning) if isinstance(node, ast.Attribute | ast.Name) else ""
        if dotted in CLOCK_AND_ENVIRONMENT:
            yield node, dotted


def _local_names(tree: ast.Module) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _dotted(node: ast.expr, meaning: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return meaning.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, meaning)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
