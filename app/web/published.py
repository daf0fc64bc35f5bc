"""What holds for every operation, written into the OpenAPI document once: NL API Design Rules, problems, headers.

A handler documents what is its own. That each answer carries the version, that a body can be too large or a token
missing, and where the API stands, follows from the frame that all handlers share, so it is added here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

Document = dict[str, Any]

BASE = "/v1"
_CONTACT = {
    "name": "Vereffen: beheer van de API",
    "url": "https://vereffen.example/api",
    "email": "api@vereffen.example",
}
_VERSION = {"description": "The full version of this API.", "required": True, "schema": {"type": "string"}}
_LOCATION = {"description": "Where it stands from now on.", "required": True, "schema": {"type": "string"}}
_RETRY = {"description": "Seconds to wait before asking again.", "required": True, "schema": {"type": "integer"}}
_REPLAYED = {"description": "`true` on the answer to a request that was done before.", "schema": {"type": "string"}}
_EXAMPLES: dict[str, Any] = msgspec.json.decode(Path(__file__).with_name("examples.json").read_bytes())
"""A body per operation, by its id: what the reader of the document copies first."""
_PAGE = re.compile(r"^Page_(.+?)_?$")


def published(document: Document, titles: dict[int, str]) -> Document:
    """The document of the operations below `/v1`, completed. `titles`: what each problem is called, by status."""
    document["info"]["contact"] = _CONTACT
    document["servers"] = [{"url": BASE, "description": "Below the address that the insurer gives this service."}]
    document["paths"] = {
        _camel(path.removeprefix(BASE)): item for path, item in document["paths"].items() if path.startswith(f"{BASE}/")
    }
    tags: dict[str, None] = {}
    for path, item in document["paths"].items():
        for operation in item.values():
            operation["tags"] = [path.split("/")[1].partition(".")[0]]
            tags[operation["tags"][0]] = None
            _complete(operation, titles)
    document["tags"] = [{"name": each} for each in sorted(tags)]
    return _renamed(document)


def _complete(operation: dict[str, Any], titles: dict[int, str]) -> None:
    """Add the problems that the frame answers, and the headers of every answer."""
    responses = operation["responses"]
    for media_type in operation.pop("x-also", ()):  # app/web/formats.py
        responses["200"]["content"][media_type] = {"schema": {"type": "string"}}
    parameters = operation.get("parameters", [])
    for each in parameters:
        if each["in"] == "path":
            each["name"] = _camel(each["name"])
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        if media_type != "application/json":
            body["schema"] = {"type": "string", "format": "binary"}  # a file as it is; generators make it a stream
    if (example := _EXAMPLES.get(operation["operationId"])) is not None:
        operation["requestBody"]["content"]["application/json"].setdefault("example", example)
    problems = {400, 429, 503}
    if operation.get("security"):
        problems |= {401, 403}
    if any(each["in"] == "path" for each in parameters):
        problems.add(404)
    if "requestBody" in operation:
        problems |= {413, 415, 422}
    for status in problems:
        responses.setdefault(str(status), _problem(titles[status]))
    keyed = any(each["name"] == "Idempotency-Key" for each in parameters)
    for status, answer in responses.items():
        headers = answer.setdefault("headers", {})
        for header in headers.values():
            header.setdefault("schema", {"type": "string"})  # the framework leaves it out where no value is given
        headers["API-Version"] = _VERSION
        if status in ("201", "202"):
            headers.setdefault("Location", _LOCATION)
        if status[0] == "2" and keyed:
            headers.setdefault("Idempotent-Replayed", _REPLAYED)
        if status in ("429", "503"):
            headers["Retry-After"] = _RETRY


def _camel(text: str) -> str:
    """`{risk_carrier}` as `{riskCarrier}`; kebab-case segments stay as they are."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), text)


def _problem(title: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": title, "content": {"application/problem+json": {"schema": schema}}}


def _renamed(document: Document) -> Document:
    """Schemas by names that a reader and a generated client can use: `ClaimPage`, not `Page_app.claims.api.Claim_`."""
    schemas = document["components"]["schemas"]
    names: dict[str, str] = {}
    for key in sorted(schemas):
        page = _PAGE.match(key)
        inner = re.split(r"[._]", page[1] if page else key)
        name = f"{_pascal(inner[-1:])}{'Page' if page else ''}"
        if name in names.values():  # two domains have a word in common: the domain goes before it
            name = f"{_pascal([*[word for word in inner[:-1] if word not in ('app', 'api', 'model')][-1:], name])}"
        names[key] = name
    assert len(set(names.values())) == len(names), f"two schemas would have one name: {sorted(names.items())}"
    document["components"]["schemas"] = {names[key]: _named(node, names[key]) for key, node in schemas.items()}
    found: Document = _rewritten(document, {f"#/components/schemas/{old}": new for old, new in names.items()})
    return _without_unused(found)


def _pascal(words: list[str]) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words)


def _named(node: dict[str, Any], name: str) -> dict[str, Any]:
    return {**node, "title": name} if "title" in node else node


def _rewritten(node: Any, names: dict[str, str]) -> Any:
    """References by the new names; patterns in the words of ECMA 262, which know no `\\A` and `\\Z`."""
    if isinstance(node, list):
        return [_rewritten(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _rewritten(value, names) for key, value in node.items()}
    if isinstance(node.get("$ref"), str) and node["$ref"] in names:
        changed["$ref"] = f"#/components/schemas/{names[node['$ref']]}"
    if isinstance(node.get("pattern"), str):
        changed["pattern"] = node["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    if isinstance(changed.get("oneOf"), list) and {} in changed["oneOf"]:
        # the framework's word for an annotated element of a list, which would make one of two of every value
        others = [each for each in changed.pop("oneOf") if each]
        changed |= others[0] if len(others) == 1 else {"oneOf": others}
    return changed


def _without_unused(document: Document) -> Document:
    """Leave out the schemas of routes that are not published (health and figures)."""
    schemas = document["components"]["schemas"]
    used: set[str] = set()
    waiting = [set(_references(document["paths"]))]
    while waiting:
        new = waiting.pop() - used
        used |= new
        waiting += [set(_references(schemas[name])) for name in new]
    document["components"]["schemas"] = {name: node for name, node in schemas.items() if name in used}
    return document


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)
