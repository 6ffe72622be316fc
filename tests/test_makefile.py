"""What ``make`` says where something is missing that it cannot bring."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.browser.driver import free_port

ROOT = Path(__file__).parents[1]
# pip asks its settings from here, and none may lead it to a network.
WITHOUT = ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "MAKEFLAGS", "MAKELEVEL")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment: what ``make install`` needs of it."""
    for name in ("Makefile", "requirements.txt", "dashboard.py"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("core", "pages"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "trial.py").write_text("FIRST = 1\n", encoding="utf-8")
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


def test_an_installed_program_is_compiled_for_a_user_who_may_not_write_there(checkout: Path) -> None:
    """Else each start and each command compiles all it imports: with real packages twice as long, every time."""
    (checkout / "requirements.txt").write_text("", encoding="utf-8")
    (checkout / "core" / "broken.py").write_text("this is (no Python\n", encoding="utf-8")
    assert install(checkout).returncode == 0, "a file that nobody imports is no reason to stop"
    for source in ("dashboard.py", "core/trial.py", "pages/trial.py"):
        assert _is_compiled(checkout / source), source
    assert all(_is_compiled(source) for source in checkout.glob(".venv/lib/*/site-packages/pip/*.py"))
    (checkout / "core" / "trial.py").write_text("SECOND = 22\n", encoding="utf-8")
    assert not _is_compiled(checkout / "core" / "trial.py"), "as after git pull"
    install(checkout)
    assert _is_compiled(checkout / "core" / "trial.py")


def _is_compiled(source: Path) -> bool:
    """Whether Python takes what is kept: bytes 12 to 16 of it are the size of the source (PEP 552)."""
    kept = Path(cache_from_source(str(source)))
    return kept.exists() and int.from_bytes(kept.read_bytes()[12:16], "little") == source.stat().st_size
