"""A mail becomes a closed case by mail only (D43, D46), between real servers: Dovecot, and one that takes mails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.messages import outlets
from core.register.messages.outlets import Wanted
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.messages import IMAP, SMTP
from tests.browser import driver
from tests.browser.acts import choose, take
from tests.browser.test_messages import PATIENCE, come
from tests.dovecot import PASSWORD, Mailbox
from tests.dovecot import Server as MailServer
from tests.register.mail.test_reading import mail
from tests.register.messages.sent import mail_values
from tests.sinks import MailSink, mail_sink

CODE = "KN-2026-000001"
ADDRESS = "anh.nguyen@example.com"


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as found:
        yield found


@pytest.fixture
def box(mail_server: MailServer, engine: str) -> Mailbox:
    """A mailbox with a complaint in it."""
    found = mail_server.mailbox(f"cskh-{engine}")
    found.receive(mail().as_bytes())
    return found


@pytest.fixture
def token(register: Register, box: Mailbox, sink: MailSink) -> str:
    """A register that reads the mailbox and sends mails, on each engine in turn, and the session of an agent."""
    now = datetime.now(UTC)
    mailbox = {"server": "127.0.0.1", "port": str(box.port), "tls": "none", "user": box.user, "folder": "INBOX"}
    with register.write() as session:
        lan, quan = (
            accounts.add(session, Account(login, login, role), "ba con mèo vàng ngủ", Act(None, now))
            for login, role in (("lan", "agent"), ("quan", "admin"))
        )
        for wanted in (
            Wanted(IMAP, "CSKH", {**mailbox, "category": "other"}, PASSWORD),
            Wanted(SMTP, "Máy chủ thư", mail_values(sink.port)),
        ):
            id = outlets.set_up(session, wanted, Act(quan, now))
            outlets.switch(session, id, Act(quan, now), version=1, is_on=True)
        return sign_ins.open_session(session, lan.id, now=now)


def test_a_mail_becomes_a_closed_case_by_mail_only(
    browser: Browser, register: Register, tmp_path: Path, token: str, box: Mailbox, sink: MailSink
) -> None:
    with driver.served(tmp_path, **driver.environment(register.url)) as server, driver.opened_page(browser) as page:
        come(page, server, token, "queue?segment=unacknowledged")
        until(page, lambda: page.get_by_text(CODE).count() > 0)
        come(page, server, token, f"complaint?code={CODE}")
        choose(page, _("Step"), named("step", "acknowledge_and_classify"))
        page.locator(".st-key-next_step").get_by_role("radio", name="Khiếu nại", exact=True).click()
        expect(page.get_by_label(_("Send this to the customer as a mail"))).to_be_checked()
        told = page.get_by_label(_("What the mail says"))
        told.fill("Chào chị Ánh,\n\nChúng tôi đã nhận và đang kiểm tra.")
        told.press("Tab")
        driver.acted(page)
        driver.shots(page, "mail_form")
        take(page, named("step", "acknowledge_and_classify"))
        first = arrived(sink, 1)
        assert str(first["Subject"]) == f"[{CODE}] Đã tiếp nhận khiếu nại của Quý khách"
        assert (str(first["To"]), str(first["In-Reply-To"])) == (ADDRESS, "<m1@example.com>")
        come(page, server, token, f"complaint?code={CODE}")
        expect(page.get_by_text("Thư cho khách: đã gửi")).to_be_visible()
        driver.shots(page, "mail_sent")

        take(page, named("step", "ask_customer"), **{_("What the mail says"): "Chị trả qua ví nào?"})
        asked = arrived(sink, 2)
        thread = {"In-Reply-To": str(asked["Message-ID"]), "References": str(asked["Message-ID"])}
        box.receive(mail("Ví MoMo ạ", headers={**thread, "Message-ID": "<m2@example.com>", "Subject": "Ví"}).as_bytes())
        server.stop()  # a mailbox is read each minute, and when the program starts
        server.start()
        come(page, server, token, f"complaint?code={CODE}")
        until(page, lambda: page.get_by_text("Ví MoMo ạ").count() > 0)

        take(page, named("step", "notify_result"), **{_("What the mail says"): "Đã hoàn 200 Stars."})
        result = arrived(sink, 3)
        assert str(result["Subject"]) == f"[{CODE}] Kết quả giải quyết khiếu nại của Quý khách"
        assert str(result["In-Reply-To"]) == "<m2@example.com>"
        choose(page, _("How did it end?"), "Chấp nhận khiếu nại")
        choose(page, _("Root cause"), "Đối soát chậm")
        take(page, named("step", "close"))
        expect(page.get_by_text(named("state", "closed")).first).to_be_visible()
        said = server.said()
    assert len(sink.ids()) == len(set(sink.ids())) == 3
    for word in (ADDRESS, "Ánh", "MoMo", "Stars", *sink.ids()):
        assert word not in said, f"{word} in the log of the program"


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Look at the page anew until the worker has done it."""
    give_up = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up, "the worker did not do it"
        page.wait_for_timeout(500)
        page.reload()
        driver.settle(page)


def arrived(sink: MailSink, n: int) -> EmailMessage:
    """The mail number ``n`` (from 1), once it is there."""
    give_up = time.monotonic() + PATIENCE
    while len(sink.mails) < n:
        assert time.monotonic() < give_up, f"{len(sink.mails)} of {n} mails came"
        time.sleep(0.05)
    return sink.mails[n - 1]
