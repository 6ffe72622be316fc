"""What docs/deployment.md says of the environment is true, and its files keep secrets out of logs and folders."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import NotReady
from core.settings import Settings

ROOT = Path(__file__).parents[1]
NONSENSE = {
    "BASE_URL": "https://example.vn/app",
    "HOST": "http://x",
    "PORT": "x",
    "DATA_DIR": __file__,
    "DATABASE_URL": "mysql://x",
    "TRUSTED_PROXIES": "x",
    "LOG_FORMAT": "xml",
    "SECURE_COOKIE": "x",
    "WORKER": "x",
    "METRICS_TOKEN": "short",
}


def table() -> dict[str, tuple[str, str]]:
    """Variable → its default and its example."""
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8").partition("## The environment")[2]
    rows = re.findall(r"^\| `([A-Z_]+)` \| .* \| (.*) \| `(.*)` \|$", text.partition("\n## ")[0], re.MULTILINE)
    return {name: (default, example) for name, default, example in rows}


def set_in(file: str, pattern: str) -> set[str]:
    """The variables that an example file sets."""
    return set(re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def named_in_code() -> set[str]:
    """Every variable that core/settings.py looks for by name."""
    code = (ROOT / "core" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'given(?:\.get\(|\[)"([A-Z_]+)"', code))


def test_the_table_lists_what_is_read_and_nothing_else() -> None:
    assert set(table()) == named_in_code()


def test_what_is_read_is_refused_when_it_is_nonsense() -> None:
    assert set(NONSENSE) == set(table())


@pytest.mark.parametrize(("name", "value"), NONSENSE.items())
def test_nonsense_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(NotReady, match=name):
        Settings.from_env({name: value})


@pytest.mark.parametrize("name", table())
def test_every_example_is_taken_and_changes_something(name: str) -> None:
    _default, example = table()[name]
    assert Settings.from_env({name: example}) != Settings.from_env({})


@pytest.mark.parametrize("name", table())
def test_every_default_that_can_be_typed_is_the_default(name: str) -> None:
    default, _example = table()[name]
    if re.fullmatch("`[^`A-Z]+`", default):
        assert Settings.from_env({name: default.strip("`")}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("file", "pattern", "beside"),
    [
        ("docs/deployment/complaints.env", r"^#? ?([A-Z_]{4,})=", set()),
        ("docs/deployment/complaints@.service", r"^Environment=([A-Z_]+)=", set()),
        ("compose.yaml", r"^ {4}([A-Z_]+):", set()),
        ("Dockerfile", r"\b([A-Z_]{4,})=", {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}),
    ],
)
def test_the_example_files_set_what_is_read(file: str, pattern: str, beside: set[str]) -> None:
    found = set_in(file, pattern) - beside
    assert found, "the pattern finds something"
    assert found <= set(table())


def test_the_image_is_built_by_the_rules_of_its_linter() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


DEPLOYMENT = ROOT / "docs" / "deployment"
OF_COMPOSE = {
    "{$$BASE_URL}": "complaints.example.vn",
    "register-1:8501": "127.0.0.1:8501",
    "register-2:8501": "127.0.0.1:8502",
}


def directives(text: str) -> list[str]:
    """The lines of a configuration without comments and indentation."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def test_nginx_logs_no_one_time_code() -> None:
    """What is logged outside a ``server`` goes into Debian's own log too, which holds whole addresses."""
    text = (DEPLOYMENT / "nginx.conf").read_text(encoding="utf-8")
    servers = re.findall(r"^server \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    assert len(servers) == 2
    for server in servers:
        assert {
            "access_log /var/log/nginx/complaints.log complaints;",
            "error_log  /var/log/nginx/error.log crit;",
        } <= {*directives(server)}
    log_format = re.search(r"^log_format complaints '(.*)';$", text, re.MULTILINE)
    assert log_format
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer|arg_\w+)\b", log_format[1])


def test_caddy_logs_no_one_time_code_and_is_the_same_in_containers() -> None:
    """An error's line holds the address and the page before it; where it is said, no process is asked how it is."""
    alone = directives((DEPLOYMENT / "Caddyfile").read_text(encoding="utf-8"))
    assert {'request>uri regexp \\?.* ""', "request>headers>Referer delete"} <= {*alone}
    assert not [line for line in alone if line.startswith("health_")], "it would hide what a page says"
    composed = (ROOT / "compose.yaml").read_text(encoding="utf-8").partition("    content: |\n")[2]
    for there, here in OF_COMPOSE.items():
        composed = composed.replace(there, here)
    assert directives(composed) == alone


def test_no_command_of_the_page_opens_the_folder_or_takes_other_letters() -> None:
    """systemd gives the state folder to everybody to read wherever its mode is not said, whatever it was before."""
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    unit = (DEPLOYMENT / "complaints@.service").read_text(encoding="utf-8")
    for said in (text, unit):
        assert said.count("StateDirectory=complaints") == said.count("StateDirectoryMode=0700") == 1
    made = [line for line in text.splitlines() if "createdb" in line]
    assert made
    assert all("--encoding UTF8 --template template0" in line for line in made)
