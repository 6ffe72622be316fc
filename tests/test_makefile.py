"""What ``make`` says where something is missing that it cannot bring."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.driver import free_port

ROOT = Path(__file__).parents[1]
# pip asks its settings from here, and none may lead it to a network.
WITHOUT = ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "MAKEFLAGS", "MAKELEVEL")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment: what ``make install`` needs of it."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def install(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in WITHOUT}
    return subprocess.run(
        ["make", "install", f"PYTHON={sys.executable}"],
        cwd=checkout,
        env={**kept, "PIP_CONFIG_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_without_a_network_one_sentence_says_what_to_do(checkout: Path) -> None:
    done = install(checkout, PIP_INDEX_URL=f"http://127.0.0.1:{free_port()}/simple", PIP_NO_CACHE_DIR="1")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "The package index cannot be reached" in said
    assert "PIP_INDEX_URL=" in said
    assert "Retrying" not in said and "ERROR" not in said
    assert len(said.splitlines()) <= 5, said
    assert not (checkout / ".venv" / ".runtime").exists(), "the next try installs"


def test_another_cause_is_shown_as_pip_says_it(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("nothing that pip can read ===\n", encoding="utf-8")
    done = install(checkout)
    assert done.returncode != 0
    assert "Invalid requirement" in done.stdout + done.stderr
    assert "cannot be reached" not in done.stdout


def test_what_is_compiled_is_kept_for_the_next_program(checkout: Path) -> None:
    """pip compiles nothing, so whoever forbids it would wait twice as long for each command and each start."""
    (checkout / "probe.mk").write_text("probe:\n\t@echo kept$${PYTHONDONTWRITEBYTECODE+ not}\n", encoding="utf-8")
    command = ["make", "-s", "-f", "Makefile", "-f", "probe.mk", "probe"]
    environment = {name: value for name, value in os.environ.items() if name not in WITHOUT}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "kept", done.stderr
