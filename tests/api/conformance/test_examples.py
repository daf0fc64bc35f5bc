"""The bodies that the document shows: one for every operation that takes one, each as its schema says."""

from typing import Any

import jsonschema
import msgspec
import pytest

from app.core.settings import ROOT
from tests.api.conformance.document import Operation, operations

SHOWN: dict[str, Any] = msgspec.json.decode((ROOT / "app" / "web" / "examples.json").read_bytes())


def bodies(document: dict[str, Any]) -> list[tuple[Operation, dict[str, Any]]]:
    """Every operation that takes JSON, with what the document says of that body."""
    return [
        (each, each.body["content"]["application/json"])
        for each in operations(document)
        if each.body is not None and "application/json" in each.body["content"]
    ]


def shown(body: dict[str, Any]) -> list[Any]:
    """The examples at a body, in one form or the other."""
    several = [each["value"] for each in body.get("examples", {}).values() if "value" in each]
    return [body["example"], *several] if "example" in body else several


def test_every_body_fits_its_schema(document: dict[str, Any]) -> None:
    wrong = []
    for operation, body in bodies(document):
        whole = {**body["schema"], "components": document["components"]}
        for example in shown(body):
            wrong += [f"{operation.name}: {each.message}" for each in validator(whole).iter_errors(example)]
    assert wrong == []


def validator(schema: dict[str, Any]) -> Any:
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def test_no_example_is_left_of_an_operation_that_is_gone(document: dict[str, Any]) -> None:
    known = {operation.raw["operationId"] for operation, _ in bodies(document)}
    assert sorted(set(SHOWN) - known) == []


@pytest.mark.parametrize("name", ["reason", "riskCarrier"])
def test_a_body_that_asks_for_it_shows_it(document: dict[str, Any], name: str) -> None:
    silent = [
        operation.name
        for operation, body in bodies(document)
        for schema in [document["components"]["schemas"].get(body["schema"].get("$ref", "").rpartition("/")[2], {})]
        if name in schema.get("required", []) and not all(name in example for example in shown(body))
    ]
    assert silent == []
