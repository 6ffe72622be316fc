"""The context of a page for one run: who looks at it, the register behind it, the moment, the language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.i18n import Language
from core.register.log.database import Register
from core.register.log.tables import Person
from core.rules import roles
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page knows for one run: the signed-in person, the register, the moment, and whose register it is."""

    person: Person
    register: Register
    settings: Settings
    now: datetime
    language: Language
    organisation: str = ""

    def may(self, action: str) -> bool:
        """Whether this person's role may do ``action`` at all; the register decides about the complaint at hand."""
        return roles.may(self.person.role, action)

    def may_open(self, page: str) -> bool:
        """Whether this person's role may open ``page``."""
        return roles.may_open(self.person.role, page)

    @property
    def sees_personal_data(self) -> bool:
        """Whether names, phones, accounts and free text are shown whole."""
        return roles.sees_personal_data(self.person.role)

    @property
    def names_colleagues(self) -> bool:
        """Whether this person is told by name who works on what."""
        return roles.names_colleagues(self.person.role)
