"""The API's document: whole, of its version, and kept by every answer."""

from typing import Any

import pytest

from processor.console.api.document import document
from processor.console.api.routes import ENDPOINTS
from tests.console.house import House

Json = dict[str, Any]


def references(part: object) -> set[str]:
    match part:
        case dict():
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*map(references, part.values()))
        case list():
            return set().union(*map(references, part))
    return set()


def test_it_has_every_route_and_each_says_what_it_needs_and_answers() -> None:
    paths = document(ENDPOINTS)["paths"]
    found = {(method.upper(), path.removeprefix("/api/v1")) for path, those in paths.items() for method in those}
    assert found == {(one.method, one.path) for one in ENDPOINTS}
    for one in ENDPOINTS:
        told = paths[f"/api/v1{one.path}"][one.method.lower()]
        assert told["security"] == [{"token": [one.needs.value] if one.needs else []}]
        assert {"200", "401", "429", "503"} <= set(told["responses"])
        assert ("403" in told["responses"]) == (one.needs is not None)
        assert told["summary"].endswith(".")


def test_every_reference_leads_somewhere_and_no_part_is_for_nothing() -> None:
    written = document(ENDPOINTS)
    parts = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses")
             for name in written["components"][kind]}  # fmt: skip
    assert references(written) <= parts
    unused = {one.rpartition("/")[2] for one in parts - references(written)}
    assert unused <= {"MethodNotAllowed", "InternalServerError"}  # what no route answers by itself


def test_parts_have_short_names_and_bodies_take_nothing_else() -> None:
    schemas = document(ENDPOINTS)["components"]["schemas"]
    assert all("_" not in name for name in schemas)
    for one in ENDPOINTS:
        if one.sent:
            assert schemas[one.sent.__name__]["additionalProperties"] is False


def test_no_call_made_up_from_it_breaks_it(house: House) -> None:
    pytest.importorskip("schemathesis")
    from tests.console.api_fuzz import fuzz

    assert len(list(fuzz(house, 3))) == len(ENDPOINTS)
