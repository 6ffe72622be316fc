"""Log lines: one a message, in both formats, and never what a customer wrote."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from unittest.mock import MagicMock

import pytest
from starlette.requests import Request

from core.errors import NotReady, Unavailable
from core.register.log.failures import NO_ANSWER, NO_SERVER
from core.ui import errors
from core.web import logs, port, trouble


def record(text: str, *values: object, error: Exception | None = None) -> logging.LogRecord:
    return logging.LogRecord(
        "core.web.session", logging.INFO, "x.py", 1, text, values, (type(error), error, None) if error else None
    )


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("signed in: person %s", "signed in: person 3", "values are filled in"),
        ("a\nb %s", "a\\nb 3", "nobody can write a second line"),
        ("\x1b[31m%s", "\\x1b[31m3", "or colour the terminal"),
        ("\u202e%s", "\\u202e3", "or turn its direction"),
        ("Đăng nhập %s", "Đăng nhập 3", "letters stay letters"),
    ],
)
def test_a_message_is_one_line(text: str, line: str, why: str) -> None:
    written = logs.TextLine().format(record(text, 3))
    assert written.endswith(f"Z INFO core.web.session {line}"), why
    fields = json.loads(logs.JsonLine().format(record(text, 3)))
    assert (fields["level"], fields["logger"]) == ("INFO", "core.web.session")
    assert fields["message"] == text.replace("%s", "3")
    assert "\n" not in logs.JsonLine().format(record(text, 3))


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_error_is_named_by_kind_and_place_not_by_its_text(log_format: str) -> None:
    try:
        raise ValueError("0912345678")
    except ValueError as error:
        found = logging.LogRecord(
            "core", logging.ERROR, "x.py", 1, "broke", (), (ValueError, error, error.__traceback__)
        )
    line = logs.FORMATTERS[log_format]().format(found)
    assert "broke: builtins.ValueError at test_logs.py:" in line
    assert "0912345678" not in line


DRIVER_SAID = (
    "connection failed:\r\nFATAL: x\u2028y\x85z\x0bw\x1b[31m\u202e\n2026-11-20T10:00:00.000Z INFO core signed in"
)


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("path", ["/queue", "/evidence/1\n2026-11-20T10:00:00.000Z INFO core signed in: person 1"])
def test_what_the_driver_said_of_a_database_stays_on_its_line(
    log_format: str, path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = Unavailable(NO_ANSWER, NO_SERVER, place="db:5432\nx", says=DRIVER_SAID)
    request = Request({"type": "http", "path": path, "headers": [], "query_string": b"", "server": ("pops.test", 80)})
    asyncio.run(trouble.unavailable(request, error))
    monkeypatch.setattr(errors, "st", MagicMock(session_state={}))
    assert errors.show(error)
    assert [found.name for found in caplog.records] == ["core.web.trouble", "core.ui.errors"]
    for found in caplog.records:
        line = logs.FORMATTERS[log_format]().format(found)
        assert len(line.splitlines()) == 1
        assert line.isprintable()
        assert "FATAL: x" in line
        if log_format == "json":
            assert json.loads(line)["message"] == found.getMessage()


@pytest.fixture
def loggers() -> Iterator[None]:
    """What other tests rely on is put back."""
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level, hooks = root.level, (sys.excepthook, threading.excepthook)
    yield
    root.handlers[:], root.level = before, level
    sys.excepthook, threading.excepthook = hooks
    logging.getLogger("core").setLevel(logging.NOTSET)
    logging.getLogger("uvicorn.access").disabled = False


@pytest.mark.usefixtures("loggers")
def test_every_line_passes_one_handler(capsys: pytest.CaptureFixture[str]) -> None:
    server = logging.getLogger("uvicorn.error.trial")
    server.propagate = False
    server.addHandler(logging.StreamHandler(sys.stdout))
    logs.set_up("json")
    logs.take_over()
    server.warning("slow")
    server.info("not worth a line")
    logging.getLogger("uvicorn.access").warning("GET /invite?code=secret")
    logging.getLogger("core.trial").info("ready")
    logging.getLogger("other").info("not for us")
    written = capsys.readouterr()
    assert [json.loads(line)["message"] for line in written.err.splitlines()] == ["slow", "ready"]
    assert written.out == ""


def wrong_password() -> None:
    try:
        raise ValueError("0912345678")
    except ValueError as cause:
        raise OSError("unexpected spaces found in \n“mật khẩu”") from cause


def in_thread() -> None:
    thread = threading.Thread(target=wrong_password)
    thread.start()
    thread.join()


def in_program() -> None:
    try:
        wrong_password()
    except OSError as error:
        sys.excepthook(type(error), error, error.__traceback__)


@pytest.mark.usefixtures("loggers")
@pytest.mark.parametrize(
    ("ends", "level", "says"),
    [(in_thread, "ERROR", "a thread was ended by an error"), (in_program, "CRITICAL", "ended by an error")],
)
def test_what_nobody_caught_is_one_line_too(
    ends: Callable[[], None], level: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's own lines would be many, and hold the text of the error: a password, or what a customer wrote."""
    logs.set_up("json")
    ends()
    fields = json.loads(capsys.readouterr().err)
    assert fields["level"] == level
    assert fields["message"].startswith(f"{says}: builtins.OSError at test_logs.py:")
    assert fields["message"].endswith("wrong_password, from builtins.ValueError")


@pytest.mark.usefixtures("loggers")
def test_to_be_interrupted_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json")
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == "KeyboardInterrupt\n"


def test_a_port_that_is_taken_names_one_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(NotReady, match=rf"Port {number} is taken: .* PORT=\d+ make run") as found:
            port.check_free("127.0.0.1", number)
        port.check_free("127.0.0.1", int(str(found.value.values["free"])))
    port.check_free("127.0.0.1", number)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(NotReady, match=r"192\.0\.2\.1 is no address of this machine"):
        port.check_free("192.0.2.1", 0)
