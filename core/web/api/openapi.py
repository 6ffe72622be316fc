"""The API as OpenAPI 3.1, with the limits that the program itself holds; a test asks the program what it says."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from core.register.api.messages import KINDS
from core.register.case.customers import DETAILS
from core.register.case.draft import MAX_CONTACT
from core.register.case.evidence import MAX_TEXT
from core.register.reads.followed import STANDINGS
from core.rules.catalogue import TYPES
from core.web.api import BASE, bodies, problems, reading
from core.web.api.reading import LARGEST

Schema = Mapping[str, object]
VISIBLE = "^[!-~]{1,255}$"
MAX_SECRET = 64


def _text(described: str, longest: int | None = None, **more: object) -> Schema:
    return {"type": "string", "description": described, **({"maxLength": longest} if longest else {}), **more}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: Mapping[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    every = required or tuple(properties)
    return {"type": "object", "properties": properties, "required": list(every), "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


MOMENT: Schema = {"type": "string", "format": "date-time", "description": "With its zone; of the years 2000 to 2100."}
CHOICE = {"key": _text("What is sent."), "name": _text("What people read.")}
LETTERS = r"\S"  # not blank
CONTACTS = {name: _or_null(_text(f"The customer's {name}.", MAX_CONTACT)) for name in DETAILS}
SCHEMAS: Mapping[str, Schema] = {
    "Complaint": {
        "type": "object",
        "additionalProperties": False,
        "required": ["statement", "category"],
        "properties": {
            "statement": _text("What the customer says, in their words.", MAX_TEXT, minLength=1, pattern=LETTERS),
            "category": _text("A key of /choices.", minLength=1),
            "remedy": _or_null(_text("What the customer asks for.", MAX_TEXT)),
            **{name: _or_null(_text("A key of /choices.")) for name in reading.CHOICES},
            **{name: _or_null(MOMENT) for name in reading.MOMENTS},
            "customer": {"type": ["object", "null"], "additionalProperties": False, "properties": CONTACTS},
            "details": {
                "type": ["object", "null"],
                "description": "Key of a field of the category (/choices) to its value, as people write it.",
                "additionalProperties": {"type": ["string", "null"]},
            },
        },
    },
    "Logged": _object(
        {
            "code": _text("The code of the case."),
            "secret": _or_null(_text("Told now and when this request is repeated; null where it can be told no more.")),
            "received_at": MOMENT,
            "follow": _text("Where the customer follows the case with code and secret."),
        }
    ),
    "Standing": _object(
        {
            "code": _text("The code of the case."),
            "version": {"type": "integer", "description": "Grows with everything that happens to the case."},
            "status": {"type": "string", "enum": sorted(set(STANDINGS.values()))},
            "status_text": _text("The status in words."),
            "received_at": MOMENT,
            "said": _or_null(_text("What the customer is asked, what is proposed to them, or the result as told.")),
            "said_at": _or_null(MOMENT),
            "wanted": _list(_text("What the customer was asked to send and has not come.")),
            "may_say": _list({"type": "string", "enum": list(KINDS)}),
            "joined": _or_null(_text("The code of the case in which this one goes on.")),
        }
    ),
    "Message": {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": list(KINDS)},
            "text": _or_null(_text("Needed unless they accept.", MAX_TEXT)),
            "version": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": LARGEST,
                "description": "Of the case as the customer saw it; 409 where it has moved on since.",
            },
        },
    },
    "Recorded": _object(
        {
            "code": _text("The code of the case."),
            "recorded": _text("The step that was taken."),
            "version": {"type": "integer"},
            "answer_by": _or_null({**MOMENT, "description": "By when the customer hears again."}),
        }
    ),
    "Choices": _object(
        {
            "categories": _list(
                _object(
                    {
                        **CHOICE,
                        "parent": _or_null(_text("The category that it belongs to.")),
                        "fields": _list(
                            _object(
                                {
                                    **CHOICE,
                                    "type": {"type": "string", "enum": list(TYPES)},
                                    "required": {"type": "boolean"},
                                    "choices": _list(_object(CHOICE)),
                                }
                            )
                        ),
                    }
                )
            ),
            **{name: _list(_object(CHOICE)) for name in ("products", "platforms", "branches")},
        }
    ),
    "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": _text("about:blank"),
            "title": _text("The phrase of the status."),
            "status": {"type": "integer"},
            "detail": _text("One sentence in the language of Accept-Language (vi or en)."),
            "errors": _list(_object({"field": _text("What to mend."), "sentence": _text("How.")})),
        },
    },
}
HEADERS: Mapping[str, Schema] = {
    "language": {
        "name": "Accept-Language",
        "in": "header",
        "schema": {"type": "string"},
        "description": "vi or en; anything else counts as Vietnamese.",
    },
    "reference": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": VISIBLE},
        "description": "A name of this request, such as a UUID. Sent again with it for 48 hours, the request is "
        "answered the same and not done twice; another request with it is refused.",
    },
    "secret": {
        "name": "Case-Secret",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": "^[!-~]+$", "maxLength": MAX_SECRET},
        "description": "The secret that was answered when the complaint was logged.",
    },
    "code": {
        "name": "code",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^KN-[0-9]{4}-[0-9]{6}$"},
    },
}
ALWAYS = (400, 401, 403, 429, 503)
OF_BODIES = (408, 411, 413, 415, 422)


def _responses(status: int, schema: str, *refused: int) -> Mapping[str, Schema]:
    done = {"description": HTTPStatus(status).phrase, "content": {"application/json": {"schema": _ref(schema)}}}
    problem = {problems.MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {
        str(status): done,
        **{
            str(one): {"description": HTTPStatus(one).phrase, "content": problem} for one in sorted((*ALWAYS, *refused))
        },
    }


def _body(name: str, schema: str) -> Schema:
    files = {
        "type": "array",
        "maxItems": bodies.MOST_FILES,
        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
    }
    parts = _object({name: _ref(schema), bodies.FILES: files}, required=(name,))
    encoded = {name: {"contentType": bodies.JSON}}
    return {
        "required": True,
        "content": {
            bodies.JSON: {"schema": _ref(schema)},
            bodies.MULTIPART: {"schema": parts, "encoding": encoded},
        },
    }


def _parameters(*names: str) -> list[Schema]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in ("language", *names)]


PATHS: Mapping[str, Mapping[str, Schema]] = {
    "/complaints": {
        "post": {
            "operationId": "create",
            "summary": "Log a complaint (create)",
            "parameters": _parameters("reference"),
            "requestBody": _body("complaint", "Complaint"),
            "responses": _responses(201, "Logged", *OF_BODIES),
        }
    },
    "/complaints/{code}": {
        "get": {
            "operationId": "standing",
            "summary": "Where a case stands (follow)",
            "parameters": _parameters("code", "secret"),
            "responses": _responses(200, "Standing", 404),
        }
    },
    "/complaints/{code}/messages": {
        "post": {
            "operationId": "say",
            "summary": "The customer adds, accepts or refuses (follow)",
            "parameters": _parameters("code", "secret", "reference"),
            "requestBody": _body("message", "Message"),
            "responses": _responses(201, "Recorded", 404, 409, *OF_BODIES),
        }
    },
    "/choices": {
        "get": {
            "operationId": "choices",
            "summary": "What a complaint may name (create)",
            "parameters": _parameters(),
            "responses": _responses(200, "Choices"),
        }
    },
}
DOCUMENT: Mapping[str, object] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Intake of complaints",
        "version": "1",
        "description": "A key of an administrator belongs to a channel and may log complaints (create), or also read "
        "where they stand and send what customers say (follow).",
    },
    "servers": [{"url": BASE}],
    "security": [{"key": []}],
    "paths": PATHS,
    "components": {
        "schemas": SCHEMAS,
        "parameters": HEADERS,
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    },
}
