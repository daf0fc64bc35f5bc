"""Reading the OpenAPI document in tests: its operations, their parameters, an address that leads to nothing."""

import sys
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from app.core.bell import NoBell
from app.core.db import Pool
from app.core.settings import Settings
from app.main import create_app
from app.web import openapi

Document = dict[str, Any]

_EXAMPLES = {
    "integer": "999999999", "date": "2026-03-02", "claim": "VOR-2026-00000000-0", "payout": "AFR-2026-00000000-0",
}  # fmt: skip


def published() -> Document:
    """The document as `/v1/openapi.json` has it; making it takes no database."""
    app = create_app(Settings(), pool=cast(Pool, None), bell=NoBell())
    return openapi.schema(app, app.state["policy"])


class Operation(msgspec.Struct, frozen=True):
    """One operation of the document, references resolved."""

    method: str
    path: str
    raw: dict[str, Any]
    parameters: list[dict[str, Any]]
    example_path: str

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def responses(self) -> dict[str, Any]:
        found: dict[str, Any] = self.raw["responses"]
        return found

    @property
    def body(self) -> dict[str, Any] | None:
        return self.raw.get("requestBody")


def resolved(document: Document, node: dict[str, Any]) -> dict[str, Any]:
    """`node`, or what its `$ref` points to."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def operations(document: Document, *methods: str) -> list[Operation]:
    """Every operation, or those of the methods given."""
    listed = []
    for path, item in document["paths"].items():
        for method, raw in item.items():
            if method == "parameters" or (methods and method not in methods):
                continue
            parameters = [
                resolved(document, each) for each in [*item.get("parameters", []), *raw.get("parameters", [])]
            ]
            listed.append(Operation(method, path, raw, parameters, _address(document, path, parameters)))
    return listed


def _address(document: Document, path: str, parameters: list[dict[str, Any]]) -> str:
    """The path with values that fit the parameters and lead to nothing, below the base of the server."""
    for each in parameters:
        if each["in"] == "path":
            schema = resolved(document, each.get("schema", {}))
            kind = schema.get("format") or schema.get("type")
            value = _EXAMPLES.get(kind) or _EXAMPLES.get(each["name"]) or "unknown"
            path = path.replace(f"{{{each['name']}}}", value)
    return document["servers"][0]["url"] + path


def properties(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every property of every schema: its schema's name, its name, its node."""
    for schema, node in document["components"]["schemas"].items():
        for name, each in node.get("properties", {}).items():
            yield schema, name, each


if __name__ == "__main__":  # .ci/run gives it to the linter
    sys.stdout.buffer.write(msgspec.json.encode(published()))
