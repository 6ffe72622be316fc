"""A forward reaches a department's mailbox and bell, and its answer comes back (D42), by a mail server of the test."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from datetime import time as clock_time
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from core.i18n import gettext as _
from core.i18n import named
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.messages import choices
from core.rules.calendar import local_day
from core.rules.days import DayRule
from core.settings import SESSION_COOKIE
from tests.browser import driver
from tests.browser.acts import choose, take
from tests.browser.test_departments import Tokens, filled
from tests.sinks import MailSink, mail_sink

CODE = "KN-2026-000001"
PEOPLE = {"lan": ("agent", None), "tung": ("handler", "payment"), "quan": ("admin", None)}
PATIENCE = 30.0


@pytest.fixture
def server_and_tokens(register: Register, tmp_path: Path) -> Iterator[tuple[driver.Server, Tokens]]:
    """A server over one classified complaint on a day when the office never closes, and a session for each person.

    On each engine in turn.
    """
    tokens = filled(register, PEOPLE, _always_open)
    with driver.served(tmp_path, **driver.environment(register.url)) as server:
        yield server, tokens


def _always_open(session: Session, people: dict[str, Person], now: datetime) -> None:
    """An address and a choice of the agent, and an office that is open now, whenever the test runs."""
    choices.set_email(session, people["lan"].id, "lan@pops.example", Act(people["lan"], now))
    choices.choose(session, {"answers": "at_once"}, Act(people["lan"], now))
    days = rulebook.of(session).days(session, rulebook.calendar_version(session))
    whole_day = DayRule(((clock_time(0), clock_time(0)),), "Cả ngày", "Whole day")
    open_days = {**days.days, local_day(now): whole_day}
    rulebook.add_calendar(session, replace(days, days=open_days), "Thử", Act(people["quan"], now))


def test_a_forward_reaches_the_mailbox_and_its_answer_comes_back(
    browser: Browser, server_and_tokens: tuple[driver.Server, Tokens]
) -> None:
    server, tokens = server_and_tokens
    with mail_sink() as sink, driver.opened_page(browser) as page:
        come(page, server, tokens["quan"], "account")
        fill(page, _("Your e-mail address"), "quan@pops.example")
        press(page, _("Save the address"))
        expect(page.get_by_text(_("Messages go to this address."))).to_be_visible()
        set_up(page, server, sink)

        come(page, server, tokens["tung"], "account")
        page.get_by_text(_("What comes when")).click()
        driver.acted(page)
        driver.shots(page, "messages_account")
        fill(page, _("Your e-mail address"), "tung@pops.example")
        press(page, _("Save the address"))
        expect(page.get_by_text(_("Messages go to this address."))).to_be_visible()

        come(page, server, tokens["lan"], f"complaint?code={CODE}")
        choose(page, _("Departments"), "Phòng Thanh toán")
        page.keyboard.press("Escape")
        take(page, named("step", "forward"), **{_("What should they check or decide?"): "Có bị trừ tiền không?"})
        mail = arrived(sink, "tung@pops.example")
        assert mail["Subject"] == f"[{CODE}] Phòng ban của bạn được hỏi"
        text = str(mail)
        assert "Có bị trừ tiền" not in text and "Stars, đã trừ" not in text

        come(page, server, tokens["tung"], "queue")
        expect(page.locator(".st-key-bell_at").get_by_text("1")).to_be_visible()
        driver.shots(page, "messages_bell")
        body = mail.get_body(("plain",))
        assert body is not None
        link = re.search(rf"http://\S+/complaint\?code={CODE}", body.get_content())
        assert link, body.get_content()
        page.goto(link.group())
        driver.settle(page)
        take(page, named("step", "answer"), **{_("What did the department find or decide?"): "Có trừ, đã hoàn"})
        back = arrived(sink, "lan@pops.example")
        assert back["Subject"] == f"[{CODE}] Phòng ban đã trả lời"
        assert "Có trừ" not in str(back)

        come(page, server, tokens["quan"], "outlets")
        expect(page.get_by_text("Gửi được lần cuối lúc").first).to_be_visible()
        page.get_by_text(_("What would have been sent in the last seven days")).click()
        page.get_by_text(_("What people get who have chosen nothing")).click()
        driver.acted(page)
        driver.shots(page, "messages_outlets")
        come(page, server, tokens["quan"], "operations")
        driver.shots(page, "messages_operations")
    assert len(sink.ids()) == len(set(sink.ids())) == 3, "the trial, the question, the answer, each once"


def set_up(page: Page, server: driver.Server, sink: MailSink) -> None:
    """The administrator sets the mail server up, tries it, and switches it on."""
    page.goto(f"{server.url}/outlets")
    press(page, _("Add a connection"))
    fill(page, _("Server"), "127.0.0.1")
    fill(page, _("Port"), str(sink.port))
    choose(page, _("Security of the connection"), _("none: only for a server on this machine"))
    fill(page, _("Sent from the address"), "so@pops.example")
    driver.shots(page, "messages_form")
    press(page, _("Save, switched off"))
    expect(
        page.get_by_text(_("{name} is saved: try it, then switch it on.").format(name=_("Mail server")))
    ).to_be_visible()
    press(page, _("Try it"))
    trial = arrived(sink, "quan@pops.example")
    assert trial["Subject"] == "Tin thử kết nối"
    expect(page.get_by_text("Gửi được lần cuối lúc")).to_be_visible()
    press(page, _("Switch on"))
    expect(page.get_by_text(_("{name} is on.").format(name=_("Mail server")))).to_be_visible()


def come(page: Page, server: driver.Server, token: str, path: str) -> None:
    """Somebody is in front of the browser now."""
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": server.url}])
    page.goto(f"{server.url}/{path}")
    page.locator("[data-testid=stMain] h1").first.wait_for()
    driver.settle(page)


def fill(page: Page, label: str, text: str) -> None:
    """Fill in the field, and leave it."""
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")
    driver.acted(page)


def press(page: Page, button: str) -> None:
    """Press a button, and wait for what it does."""
    page.get_by_role("button", name=button, exact=True).click()
    driver.acted(page)


def arrived(sink: MailSink, to: str) -> EmailMessage:
    """The mail to that address, once it is there."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        for mail in sink.mails:
            if mail["To"] == to:
                return mail
        time.sleep(0.1)
    raise AssertionError(f"nothing came to {to}: {[str(mail['Subject']) for mail in sink.mails]}")
