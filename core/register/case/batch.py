"""One step on many complaints: each in a transaction of its own, so that one that cannot go leaves the others done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from core.errors import Conflict, PopsError
from core.register.case import complaints
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register


@dataclass(frozen=True, slots=True)
class Result:
    """What became of each code: done, overtaken by somebody else, or refused with its error."""

    done: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    refused: Mapping[str, PopsError] = field(default_factory=dict)


def take(
    register: Register,
    versions: Mapping[str, int],
    step: str,
    fields: StepFields | Callable[[Session, str], StepFields],
    act: Act,
) -> Result:
    """Take ``step`` on every code of ``versions`` (code → the version the person was looking at), in that order.

    ``fields``: the same for all, or what gives those of each code.
    """
    done: list[str] = []
    overtaken: list[str] = []
    refused: dict[str, PopsError] = {}
    for code, version in versions.items():
        try:
            with register.write() as session:
                its_fields = fields(session, code) if callable(fields) else fields
                complaints.take(session, code, step, its_fields, replace(act, version=version))
            done.append(code)
        except Conflict:
            overtaken.append(code)
        except PopsError as why:
            refused[code] = why
    return Result(tuple(done), tuple(overtaken), refused)
