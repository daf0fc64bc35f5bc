"""The NL API Design Rules 2.1 (Logius), each test named by the id of its rule, on the document and on live answers.

The functional rules that ask for a reader's judgement (`/core/naming-resources`, `/core/hide-implementation`, …) are
tested as far as words go: nouns in the plural, and nothing of the framework or the database in an answer.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient

from app.core.db import Connection
from app.core.settings import ROOT
from tests.api.conformance.document import Operation, operations, properties, resolved

METHODS = {"get", "post", "put", "patch", "delete"}
SEMVER = re.compile(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")
KEBAB = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*(\.json)?$")
CAMEL = re.compile(r"^[a-z][a-z0-9]*([A-Z][a-z0-9]*)*$")
PASCAL = re.compile(r"^([A-Z][a-z0-9]*)+$")

Document = dict[str, Any]


def responses(document: Document, first: str) -> Iterator[tuple[Operation, str, dict[str, Any]]]:
    for each in operations(document):
        for status, answer in each.responses.items():
            if status[0] in first:
                yield each, status, resolved(document, answer)


# ---------------------------------------------------------------- resources and methods


def test_core_no_trailing_slash_in_the_document(document: Document) -> None:
    assert [path for path in document["paths"] if path.endswith("/")] == []


async def test_core_no_trailing_slash_on_the_wire(caller: AsyncClient, document: Document) -> None:
    statuses = {
        each.path: (await caller.get(f"{each.example_path}/")).status_code for each in operations(document, "get")
    }
    assert {path: status for path, status in statuses.items() if status != 404} == {}


def test_core_http_methods(document: Document) -> None:
    assert {method for item in document["paths"].values() for method in item} - {"parameters"} <= METHODS


async def test_core_http_methods_answers_405_with_allow_to_any_other(caller: AsyncClient, document: Document) -> None:
    wrong = {}
    for each in operations(document, "get"):
        answer = await caller.request("TRACE", each.example_path)
        if answer.status_code != 405 or "GET" not in answer.headers.get("allow", ""):
            wrong[each.path] = (answer.status_code, answer.headers.get("allow"))
    assert wrong == {}


def test_core_naming_collections(document: Document) -> None:
    """A collection is a plural noun; what there is one of (a claim's withdrawal) is singular."""
    listing = [each for each in operations(document, "get", "post") if not each.path.endswith("}")]
    singular = {"report", "balance", "statement", "explanation", "specification", "live", "ready", "metrics",
                "withdrawal", "confirmation", "resolution", "redirection", "correction", "ageing", "funnel", "end",
                "retry", "openapi.json"}  # fmt: skip
    names = {each.path.rsplit("/", 1)[1] for each in listing} - singular
    assert sorted(name for name in names if not re.search(r"s$|-history$", name)) == []


def test_core_naming_resources(document: Document) -> None:
    """No verb of the usual kinds stands in a path."""
    verbs = re.compile(r"^(get|list|create|make|add|update|set|delete|remove|do|run|start|search|find|fetch)$")
    words = {word for path in document["paths"] for segment in path.split("/") for word in segment.split("-")}
    assert sorted(word for word in words if verbs.match(word)) == []


def test_core_path_segments_kebab_case(document: Document) -> None:
    segments = {segment for path in document["paths"] for segment in path.split("/")[1:] if not segment.startswith("{")}
    assert sorted(segment for segment in segments if not KEBAB.match(segment)) == []


def test_core_query_keys_camel_case(document: Document) -> None:
    names = {
        parameter["name"]
        for each in operations(document)
        for parameter in each.parameters
        if parameter["in"] == "query"
    }
    assert len(names) > 3
    assert sorted(name for name in names if not CAMEL.match(name)) == []


def test_schema_names_are_pascal_case_and_properties_camel_case(document: Document) -> None:
    assert sorted(name for name in document["components"]["schemas"] if not PASCAL.match(name)) == []
    assert sorted(f"{schema}.{name}" for schema, name, _ in properties(document) if not CAMEL.match(name)) == []


def test_core_nested_child(document: Document) -> None:
    """A child stands under its parent's id, and the parent has an address of its own."""
    parents = {path.rsplit("/", 1)[0] for path in document["paths"] if re.search(r"\}/[a-z-]+$", path)}
    known = set(document["paths"])
    orphans = [path for path in parents if path not in known and path.rsplit("/", 1)[0] not in known]
    assert sorted(orphans) == []


def test_core_resource_operations(document: Document) -> None:
    """What is done to a resource is a POST to a noun below it, never a verb in a query."""
    names = {parameter["name"] for each in operations(document) for parameter in each.parameters}
    assert names & {"action", "operation", "method", "_method", "cmd"} == set()


async def test_core_http_safety(caller: AsyncClient, document: Document, db: Connection) -> None:
    """Reading changes nothing: the books and the audit trail are the same after every GET."""
    count = "select (select count(*) from audit), (select count(*) from posting), (select count(*) from job)"
    before = await db.fetchrow(count)
    for each in operations(document, "get"):
        assert (await caller.get(each.example_path)).status_code < 500, each.path
    assert await db.fetchrow(count) == before


async def test_core_stateless(caller: AsyncClient, document: Document) -> None:
    """No answer sets a cookie."""
    for each in operations(document, "get"):
        assert "set-cookie" not in (await caller.get(each.example_path)).headers


# ---------------------------------------------------------------- the document


def test_core_doc_openapi(document: Document) -> None:
    assert re.match(r"^3\.1\.\d+$", document["openapi"])
    dangling = [ref for ref in references(document) if resolved(document, {"$ref": ref}) is None]
    assert dangling == []
    assert len(document["paths"]) > 5


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_core_doc_openapi_contact(document: Document) -> None:
    assert {"name", "email", "url"} <= set(document["info"]["contact"])


def test_core_doc_openapi_says_what_each_operation_does(document: Document) -> None:
    silent = [
        each.name
        for each in operations(document)
        if not (each.raw.get("operationId") and each.raw.get("summary") and each.raw.get("description"))
    ]
    names = [each.raw.get("operationId") for each in operations(document)]
    assert silent == []
    assert len(names) == len(set(names))


def test_core_doc_openapi_shows_an_example_of_every_body(document: Document) -> None:
    """An example stands at the body, its schema, or the fields of the schema."""
    bare = [
        each.name
        for each in operations(document, "post", "put", "patch")
        if each.body and "application/json" in each.body["content"] and not list(examples(document, each.body))
    ]
    assert bare == []


def examples(document: Document, node: Any, depth: int = 0) -> Iterator[Any]:
    if depth > 12 or not isinstance(node, dict):
        return
    node = resolved(document, node)
    for key in ("example", "examples"):
        if key in node and not isinstance(node.get("type"), dict):
            yield node[key]
    for each in (*node.values(), *(item for value in node.values() if isinstance(value, list) for item in value)):
        yield from examples(document, each, depth + 1)


async def test_core_publish_openapi(stranger: AsyncClient, document: Document) -> None:
    answer = await stranger.get("/v1/openapi.json", headers={"origin": "https://editor.example"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == document


async def test_core_publish_openapi_opens_nothing_else_to_other_sites(caller: AsyncClient) -> None:
    answer = await caller.get("/v1/claims", headers={"origin": "https://editor.example"})
    assert "access-control-allow-origin" not in answer.headers


# ---------------------------------------------------------------- versions


def test_core_uri_version(document: Document) -> None:
    assert document["servers"]
    assert all(re.search(r"/v1$", server["url"]) for server in document["servers"])
    assert [path for path in document["paths"] if re.match(r"/v\d", path)] == []


def test_core_semver(document: Document) -> None:
    assert SEMVER.match(document["info"]["version"])


def test_core_version_header_in_the_document(document: Document) -> None:
    missing = [
        f"{each.name} {status}"
        for each, status, answer in responses(document, "23")
        if "api-version" not in {name.lower() for name in answer.get("headers", {})}
    ]
    assert missing == []


async def test_core_version_header_on_the_wire(caller: AsyncClient, document: Document) -> None:
    """On every answer, refusals too."""
    paths = [*(each.example_path for each in operations(document, "get")), "/v1/nowhere", "/v1/openapi.json"]
    versions = {path: (await caller.get(path)).headers.get("api-version") for path in paths}
    assert set(versions.values()) == {document["info"]["version"]}


def test_core_changelog(document: Document) -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^- \*\*API\b", text, re.M)


# ---------------------------------------------------------------- transport


async def test_core_transport_security_headers(caller: AsyncClient, document: Document) -> None:
    wanted = {"cache-control": "no-store", "x-content-type-options": "nosniff", "x-frame-options": "DENY"}
    for path in (*(each.example_path for each in operations(document, "get")), "/v1/nowhere"):
        answer = await caller.get(path)
        assert {name: answer.headers.get(name) for name in wanted} == wanted, path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path


async def test_core_transport_tls(stranger: AsyncClient) -> None:
    """The proxy speaks TLS; behind it every answer tells browsers to come back by TLS only."""
    answer = await stranger.get("https://localhost/v1/openapi.json")
    assert "max-age=" in answer.headers["strict-transport-security"]


def test_core_transport_no_sensitive_uris(document: Document) -> None:
    names = {name for path in document["paths"] for name in re.findall(r"\{(\w+)\}", path)}
    names |= {
        each["name"] for operation in operations(document) for each in operation.parameters if each["in"] != "header"
    }
    secret = re.compile(r"bsn|iban|token|password|secret|email|(?<!file)name|apiKey", re.I)
    assert sorted(name for name in names if secret.search(name)) == []


async def test_core_hide_implementation(caller: AsyncClient, document: Document) -> None:
    """No answer names the framework, the server, the database or a place in the code."""
    told = re.compile(r"litestar|granian|uvicorn|python|asyncpg|postgres|msgspec|traceback|\.py\b", re.I)
    for path in (*(each.example_path for each in operations(document, "get")), "/v1/nowhere", "/v1/claims?x=1"):
        if path.endswith(("openapi.json", "metrics")):
            continue
        answer = await caller.get(path)
        assert not told.search(answer.text), path
        assert not told.search(" ".join(answer.headers.values())), path


# ---------------------------------------------------------------- errors


def test_core_error_handling_problem_details_in_the_document(document: Document) -> None:
    wrong = []
    for each, status, answer in responses(document, "45"):
        schema = answer.get("content", {}).get("application/problem+json", {}).get("schema")
        found = resolved(document, schema or {})
        if not {"type", "title", "status", "detail"} <= set(found.get("properties", {})):
            wrong.append(f"{each.name} {status}")
    assert wrong == []


@pytest.mark.parametrize(
    "path, status",
    [("/v1/nowhere", 404), ("/v1/claims/VOR-2026-00000000-0", 404), ("/v1/claims?pageSize=0", 400),
     ("/v1/claims?unknown=1", 400), ("/v1/claims?cursor=x", 400)],
)  # fmt: skip
async def test_core_error_handling_problem_details_on_the_wire(caller: AsyncClient, path: str, status: int) -> None:
    answer = await caller.get(path)
    body = answer.json()
    assert answer.status_code == status == body["status"]
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["title"]
    assert body["detail"]


async def test_core_error_handling_problem_details_without_a_token(stranger: AsyncClient) -> None:
    answer = await stranger.get("/v1/claims")
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_core_error_handling_invalid_input(document: Document) -> None:
    """GET and DELETE with parameters, and every other operation, can answer 400."""
    silent = [
        each.name
        for each in operations(document)
        if (each.method not in ("get", "delete") or each.parameters) and "400" not in each.responses
    ]
    assert silent == []


def test_core_http_response_code(document: Document) -> None:
    """Nothing that went wrong is told with 200, and nothing answers a status without a meaning here."""
    known = {
        "200",
        "201",
        "202",
        "204",
        "400",
        "401",
        "403",
        "404",
        "405",
        "409",
        "412",
        "413",
        "415",
        "422",
        "429",
        "503",
    }
    assert {status for each in operations(document) for status in each.responses} <= known


# ---------------------------------------------------------------- dates


def test_core_date_time(document: Document) -> None:
    """A …Date and an …On is a date without a time; an …At is a moment with its zone; nothing is a local time."""
    wrong = []
    for schema, name, node in properties(document):
        formats = set(formats_of(document, node))
        if (name.endswith("Date") or name == "date") and formats != {"date"}:
            wrong.append(f"{schema}.{name} {formats}")
        if name.endswith("At") and formats and formats != {"date-time"}:
            wrong.append(f"{schema}.{name} {formats}")
        if formats & {"time", "date-time-local"}:
            wrong.append(f"{schema}.{name} {formats}")
    assert sorted(wrong) == []


def formats_of(document: Document, node: dict[str, Any]) -> Iterator[str]:
    node = resolved(document, node)
    if "format" in node:
        yield node["format"]
    for key in ("oneOf", "anyOf", "allOf"):
        for each in node.get(key, []):
            yield from formats_of(document, each)


def test_money_is_a_whole_number_of_cents(document: Document) -> None:
    """Not a rule of Logius but of this project (law 4): no amount is a float."""
    wrong = [
        f"{schema}.{name}"
        for schema, name, node in properties(document)
        if "number" in str(resolved(document, node).get("type"))
        or (name.endswith("Cents") and "integer" not in str(node))
    ]
    assert wrong == []
