"""The API's document (OpenAPI 3.1), written from the declarations that the server itself follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from processor import __version__
from processor.console.api.endpoint import PREFIX, Endpoint
from processor.console.api.problems import MEDIA_TYPE, STATUS, Code, Problem
from processor.console.api.shape import File

Json = dict[str, Any]  # of a document, as deep as it likes
Taken = tuple[type[BaseModel], JsonSchemaMode]
_ABOUT = """What the console shows and does, for programs.

An act without `shown` does nothing and answers its effect; with the seal that the effect bears, exactly that is done,
or nothing, where anything has changed since. Errors are problem details (RFC 9457); their `type` is
`urn:problem-type:processor:` and one of: """


def document(endpoints: Sequence[Endpoint]) -> Json:
    """Return the document."""
    schemas = _schemas(endpoints)
    paths: dict[str, Json] = defaultdict(dict)
    for one in endpoints:
        paths[PREFIX + one.path][one.method.lower()] = _operation(one, schemas)
    parameters = {one.asked.__name__ for one in endpoints if one.asked}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Allocation request processor",
            "version": __version__,
            "description": _ABOUT + ", ".join(f"`{code}`" for code in Code) + ".",
        },
        "paths": dict(paths),
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in parameters},
            "responses": {_name(status): _response(status) for status in sorted(set(STATUS.values()))},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(endpoints: Sequence[Endpoint]) -> Json:
    every: list[Taken] = [(one.asked, "validation") for one in endpoints if one.asked]
    every += [(one.sent, "validation") for one in endpoints if one.sent]
    every += [(one.answer, "serialization") for one in endpoints if one.answer is not File]
    every.append((Problem, "validation"))
    _, found = models_json_schema(list(dict.fromkeys(every)), ref_template="#/components/schemas/{model}")
    schemas: Json = found["$defs"]
    return schemas


def _operation(one: Endpoint, schemas: Json) -> Json:
    operation: Json = {
        "operationId": one.name,
        "summary": one.words.partition("\n")[0],
        "security": [{"token": [one.needs.value] if one.needs else []}],
        "parameters": [*_parameters(one, schemas)] if one.asked else [],
        "responses": {"200": {"description": "OK", "content": _content(one.answer)}},
    }
    if one.sent:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(one.sent)}}}
    for status in sorted({STATUS[code] for code in one.problems}):
        operation["responses"][str(status.value)] = {"$ref": f"#/components/responses/{_name(status)}"}
    return operation


def _parameters(one: Endpoint, schemas: Json) -> list[Json]:
    schema = schemas[one.asked.__name__] if one.asked else {}
    named = [name for name in schema["properties"] if f"{{{name}}}" in one.path]
    return [
        {
            "name": name,
            "in": "path" if name in named else "query",
            "required": name in schema.get("required", ()),
            "schema": _given(shape),
        }
        for name, shape in schema["properties"].items()
    ]


def _given(shape: Json) -> Json:
    """What is left out of an address is not there: it can't be null."""
    kept = {key: value for key, value in shape.items() if key not in {"title", "anyOf"} and value is not None}
    return next((one for one in shape.get("anyOf", ()) if one.get("type") != "null"), {}) | kept


def _response(status: HTTPStatus) -> Json:
    return {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": _ref(Problem)}}}


def _name(status: HTTPStatus) -> str:
    return "".join(word.capitalize() for word in status.name.split("_"))


def _content(answer: type[BaseModel]) -> Json:
    """Bytes have no schema."""
    return {"application/octet-stream": {}} if answer is File else {"application/json": {"schema": _ref(answer)}}


def _ref(kind: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
