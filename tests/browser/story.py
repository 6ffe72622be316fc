"""The story of one organisation: its register is made, and people of it take turns at one browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, expect

from core.i18n import gettext as _
from core.i18n import named
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.log.verify import verify
from core.register.people import accounts, sign_ins
from core.register.people.accounts import Account
from core.rules.calendar import LOCAL
from core.settings import SESSION_COOKIE
from tests.browser.acts import ADMIN, choose, save_button
from tests.browser.driver import Server, acted, settle
from tests.files import PNG

PEOPLE: Mapping[str, str] = {"agent": "Lan Anh", "lead": "Bảo Trân", "manager": "Hoàng Long"}


class Story:
    """What its people do; ``page``: the browser that they share, of the size that the one at it has."""

    def __init__(self, page: Page, server: Server, organisation: str, *departments: str) -> None:
        """Make the register of ``organisation`` (its name) from the link in the terminal, and accounts for its people.

        ``departments``: the keys of those that somebody answers for; the person is called by that key.
        """
        self.page, self.server, self.code = page, server, ""
        link = re.search(r"http://\S+/setup\?code=\S+", server.said())
        assert link, server.said()
        page.goto(link.group())
        page.get_by_role("radio", name=organisation, exact=True).check()
        page.get_by_label(_("Your name")).fill("Người Quản Trị")
        page.get_by_label(_("Login name")).fill(ADMIN[0])
        for label in (_("Password"), _("Password again")):
            page.get_by_label(label, exact=True).fill(ADMIN[1])
        page.get_by_role("button", name=_("Create the administrator")).click(timeout=120_000)
        page.wait_for_url(lambda url: "/setup" not in url, timeout=120_000)
        self._tokens = self._accounts(departments)

    def _accounts(self, departments: tuple[str, ...]) -> Mapping[str, str]:
        now, folder = datetime.now(UTC), self.server.data_dir
        register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", now=now)
        people = [Account(role, name, role) for role, name in PEOPLE.items()]
        people += [Account(key, f"Người {key}", "handler", department=key) for key in departments]
        with register.write() as session:
            tokens = {
                one.login: sign_ins.open_session(
                    session, accounts.add(session, one, "ba con mèo vàng ngủ", Act(None, now)).id, now=now
                )
                for one in people
            }
        register.engine.dispose()
        return tokens

    @property
    def form(self) -> Locator:
        """The form of the next step."""
        return self.page.locator(".st-key-next_step")

    def come(self, who: str, path: str = "") -> None:
        """``who`` is in front of the browser now, at the complaint or at another page."""
        self.page.context.add_cookies([{"name": SESSION_COOKIE, "value": self._tokens[who], "url": self.server.url}])
        self.page.goto(f"{self.server.url}/{path or f'complaint?code={self.code}'}")
        self.page.locator("[data-testid=stMain] h1").first.wait_for()
        settle(self.page)

    def type(self, label: str, text: str) -> None:
        """Fill in the field, and leave it."""
        field = self.page.get_by_label(label).last
        field.fill(text)
        field.press("Tab")
        acted(self.page)

    def moment(self, label: str, when: datetime) -> None:
        """Type a date and time, as an agent does: day, month, year, hour, minute; the field goes on by itself."""
        parts = self.page.get_by_role("group", name=label).get_by_role("spinbutton")
        parts.first.click()
        self.page.keyboard.type(f"{when.astimezone(LOCAL):%d%m%Y%H%M}")
        self.page.keyboard.press("Enter")
        acted(self.page)

    def press(self, name: str) -> None:
        """Choose the option of this name."""
        self.page.get_by_role("radio", name=name, exact=True).last.click()
        acted(self.page)

    def log(self, statement: str, channel: str, category: str, details: Mapping[str, str]) -> None:
        """Log a complaint by phone on the form that stands on the screen; its code is that of the story from now on."""
        self.press(channel)
        self.type(_("Phone, account or e-mail"), "0912 345 678")
        self.type(_("What does the customer say?"), statement)
        self.press(category)
        for label, text in details.items():
            self.type(label, text)

    def save(self, button: str, said: str) -> None:
        """Save the log form, and read the code that it gives."""
        self.page.get_by_role("button", name=button).click()
        acted(self.page)
        expect(self.page.get_by_text(said)).to_be_visible()
        self.code = self.page.get_by_text(re.compile(r"^KN-20\d\d-\d{6}$")).first.inner_text()

    def take(
        self, step: str, texts: Mapping[str, str] | None = None, lists: Mapping[str, str] | None = None, *options: str
    ) -> None:
        """Take a step of the case: choose from its lists, among its options, fill in its texts, save, see it said."""
        self.choose_step(step)
        for label, option in (lists or {}).items():
            choose(self.page, label, option)
        for option in options:
            self.press(option)
        for label, text in (texts or {}).items():
            self.type(label, text)
        self.save_step(step)

    def choose_step(self, step: str) -> None:
        """Have the form of this step; where no other one is possible, it stands there."""
        box = self.form.get_by_role("combobox", name=_("Step"))
        expect(box.or_(save_button(self.page, named("step", step))).first).to_be_visible()
        settle(self.page)
        if box.count() and box.input_value() != named("step", step):
            choose(self.page, _("Step"), named("step", step))

    def attach(self, name: str = "biên bản.png") -> None:
        """Hand a picture in with the form."""
        zone = self.page.locator("input[type=file]").last
        zone.set_input_files({"name": name, "mimeType": "image/png", "buffer": PNG})
        expect(self.page.get_by_text(name).first).to_be_visible()

    def save_step(self, step: str) -> None:
        """Save the form, confirm where it asks, and see it said."""
        save_button(self.page, named("step", step)).click()
        acted(self.page)
        said = self.page.get_by_text(_("Saved: {step}.").format(step=named("step", step))).first
        yes = self.form.get_by_role("button", name=_("Yes, save it"))
        expect(said.or_(yes).first).to_be_visible()
        if yes.count():
            yes.click()
            acted(self.page)
        expect(said).to_be_visible()
        settle(self.page)

    def prevent(self, what: str) -> None:
        """From the analysis of the closed complaint to the effect of what is done against its cause (D25)."""
        analysis = {_("Why did it happen?"): "Chưa ai kiểm tra", _("Action {n}: what is done?").format(n=1): what}
        self.come("agent")
        self.take("analyse", analysis, {_("Who does it"): PEOPLE["agent"]})
        self.come("manager", "prevention")
        self.page.locator(f".st-key-approval_{self.code}").get_by_role("button", name=_("Approve"), exact=True).click()
        self.reads(_("The analysis of {code} is approved.").format(code=self.code))
        self.come("agent")
        self.take("action_done")

    def reads(self, *texts: str) -> None:
        """The page shows each of these."""
        for text in texts:
            expect(self.page.get_by_text(text).first).to_be_visible()

    def is_whole(self) -> None:
        """The chain, the replay and the files of the register are proved once it is over."""
        folder = self.server.data_dir
        register = open_up(f"sqlite:///{folder / 'complaints.db'}", folder / "evidence", now=datetime.now(UTC))
        assert verify(register, files=True).problems == []
        register.engine.dispose()
