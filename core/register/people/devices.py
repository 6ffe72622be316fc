"""What somebody signs in with, in two words that they recognise: read from the browser's ``User-Agent``."""

from __future__ import annotations

MAX_READ = 400  # signs; the longest honest ones have about 250
# The first that is found counts: every browser also names those it is made like.
BROWSERS = (
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str | None) -> str:
    """``Chrome, Windows``; one word where only one is known, empty where none is. Names are the same in any language.

    Only these words are stored: versions and the rest of what a browser tells would single people out.
    """
    given = (user_agent or "")[:MAX_READ]
    found = (next((name for mark, name in known if mark in given), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))
