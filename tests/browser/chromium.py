"""Find a Chromium for the browser stories, or install one: ``python -m tests.browser.chromium``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

# The shell is the same Chromium without windows; it takes a tenth less of the processor.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS = 600
# No look-ups of updates, lists and services: a story talks to this machine only.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
)
# A page is left long before what V8 gains by optimising its scripts is worth the time that optimising takes.
HASTY = "--js-flags=--no-maglev,--no-turbofan,--always-sparkplug"


@cache
def find() -> str | None:
    """The Chromium to use: the one CHROMIUM names, one on the path, or Playwright's own; only if it starts."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[str]:
    if named := os.environ.get("CHROMIUM"):
        yield named
        return
    yield from (path for name in NAMES if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def arguments() -> list[str]:
    """Command line switches; as root Chromium runs only without its own sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else [])]


def required() -> bool:
    """On CI a story that did not run is a failure."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _starts(path: str) -> bool:
    if not Path(path).exists():
        return False
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> None:
    """Debian's own package when we may (it brings its libraries), else Playwright's download."""
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        _try(["apt-get", "update", "-qq"])
        for package in (SHELL, "chromium"):
            if find() is None:
                _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package])
                find.cache_clear()
    if find() is None:
        _try([sys.executable, "-m", "playwright", "install", "chromium"])


def _try(command: list[str]) -> None:
    print("  " + " ".join(command), flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  did not work: {error}", flush=True)
        return
    if done.returncode:
        print("  did not work: " + (done.stderr or done.stdout).strip()[-500:], flush=True)


def main() -> int:
    """0 when a browser is there, or when stories may be left out; 1 on CI without one."""
    if find() is None:
        print("No Chromium found; installing one for the browser stories ...", flush=True)
        _install()
        find.cache_clear()
    if find() is not None:
        return 0
    print(
        "No Chromium could be found or installed. "
        "Install Chromium or Google Chrome, or name one: CHROMIUM=/path make test"
    )
    if required():
        return 1
    print("The browser stories will not be run.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
