"""The lines the server writes for whoever runs it: one line a message, as text or as JSON (LOG_FORMAT)."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType

from core.errors import place

log = logging.getLogger(__name__)
OTHERS = ("streamlit", "uvicorn", "websockets")
"""Loggers of the server below the pages, which bring handlers of their own."""


class TextLine(logging.Formatter):
    """``2026-11-26T04:00:00Z INFO core.web.session signed in: person 3``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line, whatever its message holds."""
        return f"{moment(record)} {record.levelname} {record.name} {one_line(message(record))}"


class JsonLine(logging.Formatter):
    """``{"time": …, "level": …, "logger": …, "message": …}``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one JSON object on one line."""
        fields = {
            "time": moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": message(record),
        }
        line = json.dumps(fields, ensure_ascii=False)
        # Signs that JSON leaves alone and that other programs take for a line end, or act on.
        return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in line)


FORMATTERS: Mapping[str, type[logging.Formatter]] = {"text": TextLine, "json": JsonLine}


def set_up(log_format: str) -> None:
    """Write INFO of this program and WARNING of everything else to standard error; ``log_format``: text or json."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATTERS[log_format]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("core").setLevel(logging.INFO)
    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """One line for an error that ends the program: Python's own lines show the text of every error that led to it."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("ended by an error", exc_info=error)


def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    """One line for an error that ends a thread, as ``uncaught``."""
    if args.exc_type is not SystemExit:
        log.error("a thread was ended by an error", exc_info=args.exc_value)


def take_over() -> None:
    """Let WARNING of the server's own loggers pass through the same handler; call when the server has started.

    No line is written per request: an address may hold a one-time code.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in OTHERS:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True


def moment(record: logging.LogRecord) -> str:
    """When, in UTC, to the millisecond."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(record: logging.LogRecord) -> str:
    """The message, with kind and place of its error; never the error's text, which may hold what a customer wrote."""
    error = record.exc_info[1] if record.exc_info else None
    return record.getMessage() + (f": {place(error)}" if error else "")


def one_line(text: str) -> str:
    """``text`` with every sign that would begin a new line, or act on a terminal, written out: backslash and n."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
