"""Proof that the mutants break what they should, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.__main__ import ROOT, known_survivors, planned
from tests.mutants.mutations import mutants

BROKEN = [
    # source, every mutant of it, why
    ("a < b", ["a < b → a <= b", "a < b → a >= b"], "the boundary and the opposite"),
    ("a == b", ["a == b → a != b"], "an equality has no boundary"),
    ("a in b", ["a in b → a not in b"], "membership"),
    ("a and b", ["a and b → a or b", "a and b → b", "a and b → a"], "each condition is dropped once"),
    ("not a", ["not a → a"], "a dropped negation"),
    ("a + b", ["a + b → a - b"], "arithmetic"),
    ("f = max(a, b)", ["max(a, b) → min(a, b)"], "the other extreme"),
    ("f = any(a)", ["any(a) → all(a)"], "one or all"),
    ("f = 3", ["3 → 4", "3 → 2"], "one more, one less"),
    ("f = 0.75", ["0.75 → 0.76", "0.75 → 0.74"], "a hundredth more, a hundredth less"),
    ("f = True", ["True → False"], "a switch"),
    ("f = {'a', 'b'}", ["{'a', 'b'} → {'b'}", "{'a', 'b'} → {'a'}"], "a word taken out of a table"),
    ("f = {'a': x}", ["{'a': x} → {}"], "a row taken out of a table"),
    ("x if a else y", ["x if a else y → x if True else y", "x if a else y → x if False else y"], "a branch always or never taken"),
    ("if a:\n    raise b", ["if a → if True", "if a → if False", "raise b → pass"], "a refusal that never comes"),
    ("f(x)", ["f(x) → pass"], "an effect that does not happen"),
    ("'words'\n@a(1)\ndef f(x: 1 = y) -> 2:\n    'words'", [], "docstrings, decorators and annotations change no rule"),
    ("f = tuple[a, b]", [], "an alias of a type changes no rule"),
    ("assert a < b", [], "an assertion states what cannot be otherwise"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "wanted", "why"), BROKEN, ids=[row[-1] for row in BROKEN])
def test_what_is_broken(source: str, wanted: list[str], why: str) -> None:
    found = list(mutants(source))
    assert [mutant.name.removeprefix("module: ") for mutant in found] == wanted, why
    for mutant in found:
        compile(mutant.tree, "mutant", "exec")


def test_a_mutant_is_named_by_its_function_and_told_from_its_like() -> None:
    names = [mutant.name for mutant in mutants("class A:\n    def f(self):\n        return a < b, a < b")]
    assert names == ["A.f: a < b → a <= b", "A.f: a < b → a >= b", "A.f: a < b → a <= b #2", "A.f: a < b → a >= b #2"]


def test_a_mutant_is_one_change_of_the_whole_module() -> None:
    source = "x = 1\n\n\ndef f(y):\n    return x < y\n"
    by_name = {mutant.name: mutant for mutant in mutants(source)}
    space: dict[str, object] = {}
    exec(compile(by_name["f: x < y → x <= y"].tree, "mutant", "exec"), space)
    mutated = space["f"]
    assert callable(mutated)
    assert (mutated(1), mutated(0), space["x"]) == (True, False, 1)


def test_the_plan_names_what_exists() -> None:
    assert {Path(file).parts[0] for file in planned()} == {"core"}
    assert known_survivors().keys() <= planned().keys(), "a renamed module takes its survivors along"


def test_a_file_that_is_not_planned_is_refused() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.mutants", "core/rules/nowhere.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode != 0
    assert "core/rules/nowhere.py" in found.stderr
