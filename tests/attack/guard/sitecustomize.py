"""Loaded by Python itself, before anything else, in a server under watch: writes down every call to another machine.

A test puts this folder on ``PYTHONPATH``; ``OUTGOING_LEDGER`` names the file to write to. Whatever a library does, a
connection, a datagram or a look-up of a name goes through these audit events of Python's own.
"""

import ipaddress
import json
import os
import sys
import traceback
from pathlib import Path

LOCAL_NAMES = {"localhost", ""}
WITH_ADDRESS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
WITH_NAME = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.gethostbyaddr": 0}


def is_local(host: object) -> bool:
    """Whether the host is this machine; an address of no network (a file name) is."""
    if host is None or not isinstance(host, str | bytes):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.lower() in LOCAL_NAMES
    return address.is_loopback or address.is_unspecified


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Write down what is no call to this machine."""
    if event in WITH_ADDRESS:
        address = arguments[WITH_ADDRESS[event]]
        host: object = address[0] if isinstance(address, tuple) else None
    elif event in WITH_NAME:
        host = arguments[WITH_NAME[event]]
    else:
        return
    if not is_local(host):
        place = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(traceback.extract_stack()[-8:-1]))
        with LEDGER.open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps({"call": f"{event} {host!r} at {place}"}) + "\n")


if "OUTGOING_LEDGER" in os.environ:
    LEDGER = Path(os.environ["OUTGOING_LEDGER"])
    LEDGER.touch()
    sys.addaudithook(watch)
