"""How long a mailbox takes to become complaints, by real IMAP: ``python -m tests.bench.bench_mail [--mails N]``.

The peer reads the same mailbox in the same run and parses each mail, but keeps nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

from core.register.log.database import Register, open_up
from core.register.mail import mailbox
from core.register.mail.intake import Became, Box
from core.register.mail.mailbox import Place, Position
from core.register.mail.poll import poll
from tests import dovecot
from tests.engines import MONDAY, Sqlite, postgres_server
from tests.files import PNG
from tests.register.mail.test_reading import mail

WANTED = 600  # seconds for 10,000 mails
THREADS = 3  # every third mail answers one before it
ENGINES = ("sqlite", "postgresql")


def main(words: list[str] | None = None) -> None:
    """Fill a mailbox, read it once for the peer and once for each engine."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=10_000)
    count = options.parse_args(words).mails
    with dovecot.served() as server:
        box = server.mailbox("bench")
        for n in range(count):
            box.receive(_mail(n))
        place = Place("127.0.0.1", box.port, box.user, dovecot.PASSWORD, secure="none")
        peer = _read(place)
        print(f"\n{count:,} mails, a third of them answers, each with a picture (seconds)")
        print(f"{'read by imaplib and parsed':<36}{peer:>8.1f}")
        for engine in ENGINES:
            seconds, became = _taken(engine, place)
            assert became == {Became.LOGGED: count - count // THREADS, Became.ADDED: count // THREADS}, became
            asked = WANTED * count / 10_000
            says = "ok" if seconds <= asked else "NOT MET"
            print(f"{'taken in, ' + engine:<36}{seconds:>8.1f}{seconds / peer:>8.1f} ×  asked {asked:,.0f}  {says}")


def _mail(n: int) -> bytes:
    headers = {"Message-ID": f"<m{n}@example.com>", "From": f"khach.{n // THREADS}@example.com"}
    if n % THREADS == THREADS - 1:
        headers |= {"In-Reply-To": f"<m{n - 1}@example.com>", "Subject": "Re: Nạp Stars"}
    return mail(headers=headers, files={"ảnh.png": PNG}).as_bytes()


def _read(place: Place) -> float:
    began = time.perf_counter()
    with mailbox.opened(place) as connection:
        for fetched in mailbox.newer(connection, place.folder, Position()):
            message_from_bytes(fetched.raw or b"").get_payload()
    return time.perf_counter() - began


def _taken(engine: str, place: Place) -> tuple[float, Counter[Became]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = Sqlite.url(folder / "complaints.db")
        if engine == "postgresql":
            url = stack.enter_context(stack.enter_context(postgres_server()).empty_database())
        open_up(url, folder / "evidence", organisation="pops", now=MONDAY).engine.dispose()
        register = Register(url, folder / "evidence")
        began = time.perf_counter()
        became = poll(register, "bench", place, Box("pops", "other"), lambda: datetime.now(UTC))
        seconds = time.perf_counter() - began
        register.engine.dispose()
    return seconds, became


if __name__ == "__main__":
    main()
