"""What the API says of itself is true: it is asked at random, as its description permits and as it does not (D41)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from core.rules.steps import State
from core.web.api import BASE
from core.web.api.limits import Limits
from core.web.api.openapi import PATHS
from core.web.pace import Pace
from tests.register.api.given import brought_to, logged, made
from tests.web.site import Site

Headers = Callable[[], tuple[dict[str, str], dict[str, str]]]
NO_LIMIT = Pace(1_000_000, timedelta(seconds=1))
# A key of a list, or a phone number, is one of those there are: a text that fits the schema may still be none (422).
CHECKS = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", 401, 404, 409, 422]},
        "missing_required_header": {"expected-statuses": [400, 401, 404, 422]},
    }
}
RANDOM = settings(max_examples=30, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture
def site_asked(site: Site) -> Site:
    """The site as the tool calls it, without limits."""
    site.settings["base_url"] = "http://testserver"
    site.api = Limits(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT)
    return site


@pytest.fixture
def key(site_asked: Site) -> tuple[int, str]:
    """A key that may do everything."""
    return made(site_asked.register)


@pytest.fixture
def description(site_asked: Site) -> OpenApiSchema:
    """What the API says of itself."""
    config = SchemathesisConfig.from_dict(CHECKS)
    return schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", site_asked.app(), config=config)


OPERATIONS = [(path, verb) for path, verbs in PATHS.items() for verb in verbs]
MODES = list(GenerationMode)


def ask(description: OpenApiSchema, path: str, verb: str, mode: GenerationMode, headers: Headers) -> None:
    """Ask ``RANDOM`` times; ``headers``: the path parameters and headers of each time."""
    cases = description[path][verb.upper()].as_strategy(generation_mode=mode)

    @RANDOM
    @given(cases)
    def one(case: Case[Any]) -> None:
        parameters, said = headers()
        case.path_parameters.update(parameters)
        case.call_and_validate(headers=said)

    one()


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_whatever_is_asked_is_answered_as_it_says(
    description: OpenApiSchema, key: tuple[int, str], path: str, verb: str, mode: GenerationMode
) -> None:
    ask(description, path, verb, mode, lambda: ({}, {"Authorization": f"Bearer {key[1]}"}))


@pytest.mark.parametrize(("path", "verb"), [one for one in OPERATIONS if "{code}" in one[0]])
def test_of_cases_that_are_there_too(
    description: OpenApiSchema, site_asked: Site, key: tuple[int, str], path: str, verb: str
) -> None:
    def of_a_case() -> tuple[dict[str, str], dict[str, str]]:
        one = logged(site_asked.register, key[0])
        with site_asked.register.write() as session:
            brought_to(session, one.code, State.proposed)
        said = {"Case-Secret": one.secret or "", "Idempotency-Key": uuid.uuid4().hex}
        return {"code": one.code}, {"Authorization": f"Bearer {key[1]}", **said}

    ask(description, path, verb, GenerationMode.POSITIVE, of_a_case)
