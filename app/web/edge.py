"""The outermost ring, one ASGI middleware: request id, host, address tricks, back-pressure, headers, log, figures.

It stands around the router, so that a 404 and a 405 are numbered, logged and counted as every other answer is.
"""

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.core.settings import Settings
from app.web.limits import Clients
from app.web.metrics import Registry
from app.web.problems import MEDIA_TYPE, TITLES, Problem, encoded

API_VERSION = "1.0.0"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRICK = re.compile(r"//|/\.{1,2}(?=/|$)|.+/$|[\x00-\x1f\x7f\\\ufffd]", re.DOTALL)
_ENCODED_TRICK = re.compile(rb"%(2f|5c|2e)", re.IGNORECASE)
_HEADERS = [
    (b"api-version", API_VERSION.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
_DEFAULT_HEADERS = {
    b"referrer-policy": b"no-referrer",  # pages say same-origin, or their forms would come without an Origin
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_log = structlog.get_logger()


class _Passage:
    """One request on its way through: what was answered, and the headers that every answer gets."""

    __slots__ = ("allowed", "head", "https", "method", "request_id", "scope", "send", "status")

    def __init__(self, scope: Any, send: Send, request_id: bytes, https: bool, allowed: Mapping[str, bytes]) -> None:
        method: str = scope["method"]
        self.scope = scope
        self.allowed = allowed
        self.send = send
        self.request_id = request_id
        self.method = method
        self.head = method == "HEAD"
        self.https = https
        self.status = 0

    async def forward(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._headers(list(message["headers"]))
        elif message["type"] == "http.response.body" and self.head:
            message["body"] = b""
        await self.send(message)

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        if b"allow" in names:  # HEAD is answered wherever GET is; routers that share a path each know their own
            whole = self.allowed.get(self.scope.get("path_template", ""))
            given = [
                (name, whole or _with_head(value)) if name.lower() == b"allow" else (name, value)
                for name, value in given
            ]
        given += _HEADERS
        given.append((b"x-request-id", self.request_id))
        given += [(name, value) for name, value in _DEFAULT_HEADERS.items() if name not in names]
        if self.https:
            given.append(_HSTS)
        return given


def _with_head(value: bytes) -> bytes:
    methods = {each.strip() for each in value.split(b",")}
    return b", ".join(sorted(methods | ({b"HEAD"} if b"GET" in methods else set())))


class Edge:
    """Wraps the app's ASGI handler. Refuses in the same words as the handlers do: RFC 9457.

    `allowed`: by path template what an Allow header says.
    """

    def __init__(self, app: ASGIApp, settings: Settings, registry: Registry, allowed: Mapping[str, bytes]) -> None:
        self._app = app
        self._hosts = {"localhost", "127.0.0.1", "[::1]", settings.host.lower(), *settings.hosts}
        self._clients = Clients(settings.trusted_proxies)
        self._most = settings.in_flight
        self._registry = registry
        self._allowed = allowed

    async def __call__(self, given_scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request in; anything but HTTP is closed."""
        scope: Any = given_scope
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008, "reason": None})
            return
        begun = time.perf_counter()
        headers = scope["headers"]
        given = next((value for name, value in headers if name == b"x-request-id"), b"")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex.encode()
        https = scope["vereffen_https"] = self._is_https(scope)
        passage = _Passage(scope, send, request_id, https, self._allowed)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        self._registry.in_flight += 1
        try:
            if (refusal := self._refusal(scope)) is not None:
                await _answer(passage, *refusal)
            else:
                if passage.head:
                    scope["method"] = "GET"
                await self._app(scope, receive, passage.forward)
        finally:
            self._registry.in_flight -= 1
            self._note(scope, passage, time.perf_counter() - begun)

    def _is_https(self, scope: Any) -> bool:
        if scope.get("scheme") == "https":
            return True
        if not self._clients.is_trusted(scope):
            return False
        return any(name == b"x-forwarded-proto" and value == b"https" for name, value in scope["headers"])

    def _refusal(self, scope: Any) -> tuple[int, str, str] | None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = re.sub(r":\d+$", "", hosts[0].decode("latin-1").lower()) if len(hosts) == 1 else ""
        if host not in self._hosts:
            return 400, "host_unknown", "This server does not answer under that name; set VEREFFEN_HOSTS."
        path = scope["path"]
        if path != "/" and (_TRICK.search(path) or _ENCODED_TRICK.search(scope.get("raw_path") or b"")):
            return 404, "not_found", "There is nothing at this address."
        if self._registry.in_flight > self._most and not path.startswith(("/health/", "/metrics")):
            return 503, "busy", "This server has its hands full; nothing was begun. Ask again."
        return None

    def _note(self, scope: Any, passage: _Passage, seconds: float) -> None:  # not money: a duration
        route = scope.get("path_template") or "none"
        status = passage.status or 499  # the client went away before there was an answer
        self._registry.observe(passage.method if route != "none" else "any", route, status, seconds)
        caller = scope.get("auth")
        _log.info(
            "request",
            method=passage.method[:10],
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            **(caller.logged if caller is not None else {}),
        )


async def _answer(passage: _Passage, status: int, code: str, detail: str) -> None:
    body = encoded(Problem(title=TITLES[status], status=status, detail=detail, code=code))
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    await passage.forward({"type": "http.response.start", "status": status, "headers": headers})
    await passage.forward({"type": "http.response.body", "body": body, "more_body": False})
