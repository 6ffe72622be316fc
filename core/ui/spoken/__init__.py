"""What Streamlit itself says to screen readers and in its date picker, in the reader's language; it has no setting.

The page is marked as written in that language too. ``tests/browser/test_daily_work.py`` looks for English that is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.i18n import N_, language
from core.i18n import gettext as _
from core.ui import components

_spoken = components.of_script("spoken", (Path(__file__).parent / "spoken.js").read_text(encoding="utf-8"))
WORDS: Mapping[str, str] = {
    "Sidebar": N_("Menu and search"),
    "App pages": N_("Pages"),
    "Expand sidebar": N_("Open the menu"),
    "Collapse sidebar": N_("Close the menu"),
    "Open": N_("Open the list"),
    "Clear value": N_("Take the choice back"),
    "Clear all": N_("Take all choices back"),
    "Choose date": N_("Choose a date"),
    "Choose date and time": N_("Choose date and time"),
    "Previous month": N_("Month before"),
    "Next month": N_("Next month"),
    "Previous": N_("Back"),
    "Next": N_("Next"),
    "Time": N_("Time"),
    "Empty": N_("empty"),
    "file upload": N_("choose files"),
    "progress": N_("share of the time used"),
    "Close": N_("Close"),
    "Help": N_("Explanation"),
    "Pagination": N_("Pages of the list"),
    "Previous page": N_("Page before"),
    "Next page": N_("Next page"),
    "Show password": N_("Show the password"),
    "Hide password": N_("Hide the password"),
    "Choose an option": N_("Choose …"),
    "Choose options": N_("Choose …"),
    "Choose date range": N_("Choose the first and last day"),
    "Clear date": N_("Empty the date"),
    "Clear dates": N_("Empty the date"),
    "Clear date and time": N_("Empty date and time"),
    "Clear time": N_("Empty the time"),
    "Clear entry": N_("Empty the field"),
    "Selected values": N_("What is chosen"),
    "Selectbox options": N_("What can be chosen"),
    "Multiselect options": N_("What can be chosen"),
    "Scroll tabs left": N_("Tabs before"),
    "Scroll tabs right": N_("Tabs after"),
    "Scrollable table": N_("A table that scrolls"),
    "Increment": N_("One more"),
    "Decrement": N_("One less"),
    "Audio player": N_("Sound"),
    "Video player": N_("Film"),
    "Notifications": N_("Messages"),
    "Use arrow keys to navigate. Enter to select. Tab to switch between calendar and time. Escape to close.": N_(
        "Arrow keys move, Enter chooses, Tab goes between calendar and time, Esc closes."
    ),
}
"""What Streamlit says → the same in words that are translated."""
NAMED: Mapping[str, str] = {"Shortcut ": N_("Shortcut"), "Page ": N_("Page"), "Remove ": N_("Take away")}
"""How what Streamlit says begins, before a name → the word that takes the place of that beginning."""
PARTS: Mapping[str, str] = {
    "day, ": N_("day"),
    "month, ": N_("month"),
    "year, ": N_("year"),
    "hour, ": N_("hour"),
    "minute, ": N_("minute"),
    "Today, ": N_("Today"),
    "Choose date and time, ": N_("Choose date and time"),
    "Choose date, ": N_("Choose a date"),
}
"""How what Streamlit says begins, before a value → the word that takes its place; a comma follows."""


def in_our_language() -> None:
    """Say it in the language in use; English stays as Streamlit has it."""
    parts = {begins: f"{_(word)} " for begins, word in NAMED.items()}
    parts |= {begins: f"{_(word)}, " for begins, word in PARTS.items()}
    is_theirs = language() == "en"
    _spoken(
        key="spoken",
        data={
            "lang": language(),
            "words": {} if is_theirs else {said: _(word) for said, word in WORDS.items()},
            "parts": {} if is_theirs else parts,
        },
        height=1,
    )
