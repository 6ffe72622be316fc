"""What is installed is what was pinned, and the pins name no machine of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)")


def pins(file: str) -> dict[str, str]:
    """Package → version of every pinned line, names as they are compared."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = (PIN.match(line) for line in lines)
    return {re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2] for pin in found if pin}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_what_is_asked_for_is_what_is_pinned(name: str) -> None:
    asked, pinned = pins(f"{name}.in"), pins(f"{name}.txt")
    assert asked
    assert {package: pinned.get(package) for package in asked} == asked, "run make lock"


def test_both_files_can_be_installed_together() -> None:
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {package: dev[package] for package in dev.keys() & runtime} == {
        package: runtime[package] for package in dev.keys() & runtime
    }


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_no_line_names_a_place(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]
    assert len(blocks) > 20
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--index|--extra|--find-links|file:", text) == []
