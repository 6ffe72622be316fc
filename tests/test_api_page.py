"""The commands of docs/api.md do what the page says, against a running server."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.register.log.database import open_up
from core.web.api.openapi import SCHEMAS
from tests.browser.driver import Server, served
from tests.files import PNG
from tests.register.api.given import made

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = [block for block in re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE) if block.startswith("    curl")]


@pytest.fixture
def server_and_key(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """A server over a register of POPS, and a key that may do everything."""
    folder = tmp_path / "data"
    url = f"sqlite:///{folder / 'complaints.db'}"
    register = open_up(url, folder / "evidence", organisation="pops", now=datetime.now(UTC))
    _id, key = made(register)
    register.engine.dispose()
    with served(folder) as server:
        yield server, key


def test_each_command_is_answered_as_the_page_says(server_and_key: tuple[Server, str], tmp_path: Path) -> None:
    server, key = server_and_key
    (tmp_path / "error.png").write_bytes(PNG)
    known = {"URL": f"{server.url}/api/v1", "KEY": key, "CODE": "", "SECRET": ""}
    answers = []
    for command in COMMANDS:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **known},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        answers.append(json.loads(done.stdout))
        if "secret" in answers[-1]:
            known |= {"CODE": answers[-1]["code"], "SECRET": answers[-1]["secret"]}
    names = ["Choices", "Logged", "Logged", "Standing", "Recorded"]
    assert [sorted(answer) for answer in answers] == [sorted(SCHEMAS[name]["properties"]) for name in names]  # type: ignore[call-overload] # a mapping
    assert answers[1]["code"] == "KN-2026-000001" and answers[3]["status"] == "received"


def test_the_page_names_every_status_of_a_case() -> None:
    statuses = SCHEMAS["Standing"]["properties"]["status"]["enum"]  # type: ignore[index] # a mapping
    assert [status for status in statuses if f"`{status}`" not in PAGE] == []
