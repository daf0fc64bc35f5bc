"""Addresses, methods, hosts and headers: tricks never change what is answered, and every answer is numbered."""

import io
import json
from typing import Any
from urllib.parse import unquote

import pytest
import structlog

from app.core import log
from app.core.db import Connection
from app.core.settings import Settings
from app.web import edge
from tests.api.client import DAY, Api, serving

Answer = tuple[int, dict[str, str], bytes]


async def raw(api: Api, method: str, path: str, *headers: tuple[str, str], host: str = "localhost") -> Answer:
    """Send a path as it is, the way the server hands it on: a client library would tidy it up first."""
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path, errors="replace"), "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in (("host", host), *headers)],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await api.app(scope, receive, send)  # type: ignore[arg-type]
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(each.get("body", b"") for each in sent[1:])


@pytest.mark.parametrize(
    "path",
    ["//v1/claims", "/v1//claims", "/v1/claims/", "/v1/./claims", "/v1/x/../claims", "/V1/claims", "/v1/Claims",
     "/v1/%2e/claims", "/v1/x/%2e%2e/claims", "/v1%2fclaims", "/v1/claims%2f", "/v1/claims%00", "/v1/claims;a=b",
     "/v1\\claims", "/v1/claims%5c", "/v1/claims%0a", "/v1/claims%ff", "/v1/claims.json", "/v1/claims%20"],
)  # fmt: skip
async def test_no_other_way_to_write_a_path_leads_to_its_route(api: Api, path: str) -> None:
    token = ("authorization", f"Bearer {await api.token()}")
    assert (await raw(api, "GET", "/v1/claims", token))[0] == 200
    assert (await raw(api, "GET", path, token))[0] == 404


async def test_a_letter_that_is_percent_encoded_is_the_same_path_under_the_same_policy(api: Api) -> None:
    assert (await raw(api, "GET", "/v1/%63laims"))[0] == 401


@pytest.mark.parametrize("name", ["x-http-method-override", "x-http-method", "x-method-override"])
async def test_a_header_does_not_change_the_method(api: Api, name: str) -> None:
    token = ("authorization", f"Bearer {await api.token(['claims:read'])}")
    assert (await raw(api, "GET", "/v1/claims", token, (name, "POST")))[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 40])
async def test_a_method_that_a_route_does_not_have_is_405_and_says_which_there_are(api: Api, method: str) -> None:
    status, headers, body = await raw(api, method, "/health/live")
    assert (status, headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert json.loads(body)["code"] == "method_unknown"


async def test_head_answers_as_get_without_the_body(api: Api) -> None:
    get, head = await raw(api, "GET", "/health/live"), await raw(api, "HEAD", "/health/live")
    assert (head[0], head[2], head[1]["content-length"]) == (200, b"", get[1]["content-length"])


async def test_head_needs_the_token_that_get_needs(api: Api) -> None:
    assert (await raw(api, "HEAD", "/v1/claims"))[0] == 401


async def test_options_names_the_methods_and_nothing_else(api: Api) -> None:
    status, headers, body = await raw(api, "OPTIONS", "/v1/claims")
    assert (status, headers["allow"], body) == (204, "GET, HEAD, OPTIONS, POST", b"")
    assert not any(name.startswith("access-control") for name in headers)


@pytest.mark.parametrize(
    "query, code",
    [("pageSize=5&pageSize=6", "query_doubled"), ("pagesize=5", "query_unknown"), ("x=1", "query_unknown"),
     ("cursor=%00", "query_invalid"), ("cursor=%ff", "query_invalid"), ("pageSize=0", "parameter_invalid"),
     ("pageSize=201", "parameter_invalid"), ("pageSize=x", "parameter_invalid"), ("cursor=x", "cursor_invalid")],
)  # fmt: skip
async def test_a_query_that_does_not_fit_is_refused_and_named(api: Api, query: str, code: str) -> None:
    client = await api.as_(["claims:read"])
    answer = await client.get(f"/v1/claims?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "localhost:80:80", "127.0.0.2"])
async def test_a_host_that_is_not_ours_is_refused(api: Api, host: str) -> None:
    status, _, body = await raw(api, "GET", "/health/live", host=host)
    assert (status, json.loads(body)["code"]) == (400, "host_unknown")


async def test_two_host_headers_are_refused(api: Api) -> None:
    assert (await raw(api, "GET", "/health/live", ("host", "localhost")))[0] == 400


async def test_a_configured_host_is_answered_whatever_its_port_and_case(db: Connection, db_url: str) -> None:
    async with serving(db, db_url, Settings(hosts=("api.insurer.example",))) as api:
        assert (await raw(api, "GET", "/health/live", host="API.insurer.example:8443"))[0] == 200


@pytest.mark.parametrize("path", ["/health/live", "/nothing", "/v1/claims", "/v1/claims/", "/v1/openapi.json"])
async def test_every_answer_has_the_version_and_the_safe_headers(api: Api, path: str) -> None:
    _, headers, _ = await raw(api, "GET", path)
    assert headers["api-version"].count(".") == 2
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "strict-transport-security" not in headers


async def test_a_request_over_https_says_to_stay_there(db: Connection, db_url: str) -> None:
    async with serving(db, db_url, Settings(trusted_proxies=("127.0.0.1",))) as api:
        _, headers, _ = await raw(api, "GET", "/health/live", ("x-forwarded-proto", "https"))
    assert headers["strict-transport-security"].startswith("max-age=")


async def test_a_number_that_a_request_brings_is_kept(api: Api) -> None:
    _, headers, _ = await raw(api, "GET", "/health/live", ("x-request-id", "run-17.a_B"))
    assert headers["x-request-id"] == "run-17.a_B"


@pytest.mark.parametrize("given", ["a b", "x" * 65, 'a"b', ""])
async def test_a_number_that_could_break_a_log_line_is_replaced(api: Api, given: str) -> None:
    _, headers, _ = await raw(api, "GET", "/health/live", ("x-request-id", given))
    assert headers["x-request-id"] != given
    assert len(headers["x-request-id"]) == 32


async def test_a_request_is_one_line_of_json_without_query_and_path(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(out))
    log.configure("info")
    monkeypatch.setattr(edge, "_log", structlog.get_logger())  # the module's own keeps what it was first used with
    try:
        token = ("authorization", f"Bearer {await api.token()}")
        await raw(api, "GET", "/v1/claims/VOR-2026-99999999-4?x=NL91ABNA0417164300", token, ("x-request-id", "r1"))
    finally:
        structlog.reset_defaults()
    (line,) = [json.loads(each) for each in out.getvalue().splitlines()]
    assert {name: line[name] for name in ("event", "method", "route", "status", "request_id")} == {
        "event": "request", "method": "GET", "route": "/v1/claims/{reference}", "status": 400, "request_id": "r1",
    }  # fmt: skip
    assert "NL91" not in str(line)
    assert "VOR" not in str(line)


async def test_more_requests_than_a_process_takes_are_refused_before_they_begin(db: Connection, db_url: str) -> None:
    async with serving(db, db_url, Settings(in_flight=1, business_date=DAY)) as api:
        api.app.asgi_handler._registry.in_flight = 1  # type: ignore[attr-defined]
        status, headers, body = await raw(api, "GET", "/v1/openapi.json")
        alive = (await raw(api, "GET", "/health/live"))[0]
    assert (status, json.loads(body)["code"], headers["retry-after"], alive) == (503, "busy", "1", 200)


async def test_a_bug_shows_nothing_of_the_inside(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await api.as_(["claims:read"])
    assert (await client.get("/v1/claims")).status_code == 200
    await api.db.execute("alter table claim rename to hidden")
    answer = await client.get("/v1/claims")
    assert (answer.status_code, answer.json()["code"]) == (500, "bug")
    assert "hidden" not in answer.text
    assert "claim" not in answer.json()["detail"]
