"""The table of rows on a page under test: what it was given to draw, and ticks as the browser would send them."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def drawn(app: AppTest) -> dict[str, Any]:
    """What the table was told to draw; a page without one is an error."""
    (table,) = [part for part in app.main.get("bidi_component") if part.proto.component_name == "pops_rows"]
    data: dict[str, Any] = json.loads(table.proto.json)
    return data


def keys(app: AppTest) -> list[str]:
    """The keys of the rows, from top to bottom."""
    return [row["key"] for row in drawn(app)["rows"]]


def texts(app: AppTest, key: str) -> list[str]:
    """Everything the row ``key`` says, cell by cell."""
    (row,) = [row for row in drawn(app)["rows"] if row["key"] == key]
    return [text for cell in row["cells"] for text in (cell["text"], cell["below"]) if text]


def tick(app: AppTest, table: str, *wanted: str) -> AppTest:
    """Tick these rows, each with the stamp it was drawn with."""
    data = drawn(app)
    stamps = {row["key"]: row["stamp"] for row in data["rows"]}
    app.session_state[table] = {"ticked": {"list": data["list"], "rows": {key: stamps[key] for key in wanted}}}
    return app.run()


def gone(app: AppTest) -> str | None:
    """Where the page sends the browser; None when it stays."""
    sent = [part for part in app.get("bidi_component") if part.proto.component_name == "pops_go"]
    return json.loads(sent[0].proto.json)["href"] if sent else None
