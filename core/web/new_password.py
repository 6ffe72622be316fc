"""What every form with a new password shares: the word for its strength while typing, and that both are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.responses import JSONResponse, Response

from core.i18n import N_, gettext
from core.register.people import passwords


def is_question(fields: Mapping[str, str]) -> bool:
    """Whether the form was sent by its script, to ask how strong the password is."""
    return "only_strength" in fields


def verdict(fields: Mapping[str, str], own: Iterable[str]) -> Response:
    """``{"level": 0…3, "sentence": …}`` of the typed password in the language in use; nothing is stored."""
    level, sentence = passwords.strength(fields.get("password", ""), own)
    return JSONResponse({"level": level, "sentence": gettext(sentence)}, headers={"Cache-Control": "no-store"})


def not_the_same(fields: Mapping[str, str]) -> dict[str, str]:
    """Field → sentence where the password was typed differently the second time."""
    if fields.get("password", "") == fields.get("again", ""):
        return {}
    return {"again": N_("The two passwords are not the same")}
