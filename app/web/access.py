"""Who may come in: a route is closed unless `policy.toml` opens it for a scope of a token, or for the role of a person.

Also here, because they are decided at the same place and for every route: the limits per caller, and that a query
holds only parameters that the route knows, each once.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from app.core.db import Pool
from app.core.errors import Refusal
from app.core.settings import Settings
from app.web.caller import SCOPES, Caller
from app.web.door import PAGE_QUERY, enter, note_view
from app.web.limits import Buckets, Clients
from app.web.page import is_page
from app.web.people import ROLES
from app.web.problems import Unavailable
from app.web.tokens import Tokens, bearer

__all__ = ["SCOPES", "Access", "Caller", "policy", "registered"]

POLICY = Path(__file__).with_name("policy.toml")
ROLE_NAMES = frozenset(f"role:{role}" for role in ROLES)
_FAILURES = (10 / 60, 10.0)  # failed tokens of one address: ten at once, then ten a minute


def policy(path: Path = POLICY) -> dict[str, frozenset[str]]:
    """`"GET /v1/claims"` → the scopes (or `role:…` of pages) of which one is enough; empty: open to everybody."""
    found = {route: frozenset(scopes) for route, scopes in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    for route, scopes in found.items():
        known = ROLE_NAMES if is_page(route.split(" ")[1]) else SCOPES
        assert scopes <= known, f"policy.toml: {route} names what does not exist there: {sorted(scopes - known)}"
    return found


def registered(app: Litestar) -> dict[str, HTTPRoute]:
    """Every method and path template that the router knows; without the OPTIONS that the framework adds."""
    return {
        f"{method} {route.path_format}": route
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    }


class _Route(msgspec.Struct, frozen=True):
    """What is known of one route: who may, and which query parameters there are (`many`: may stand there twice)."""

    scopes: frozenset[str]
    query: frozenset[str]
    many: frozenset[str]
    page: bool


class Access:
    """The guard of all routes; `learn` tells it which there are."""

    def __init__(self, settings: Settings, pool: Callable[[], Pool], opened: Mapping[str, frozenset[str]]) -> None:
        self._pool = pool
        self._policy = opened
        self._tokens = Tokens()
        self._clients = Clients(settings.trusted_proxies)
        self._callers = Buckets(settings.rate, settings.rate * 2)
        self._failures = Buckets(*_FAILURES)
        self._routes: dict[tuple[str, str], _Route] = {}
        self.allowed: dict[str, bytes] = {}
        """By path template the methods that there are, as an Allow header says them."""

    def learn(self, app: Litestar) -> None:
        """Join the registered routes with the policy; a route without a line stays closed."""
        for name, route in registered(app).items():
            method, _, template = name.partition(" ")
            if name in self._policy:
                model = route.route_handler_map[method][1]  # type: ignore[index]
                self._routes[(method, template)] = _Route(
                    scopes=self._policy[name],
                    query=frozenset(each.field_alias for each in model.expected_query_params),
                    many=frozenset(model.sequence_query_parameter_names),
                    page=is_page(template),
                )
        found: dict[str, set[str]] = {}
        for method, template in self._routes:
            found.setdefault(template, {"OPTIONS"}).update({method, "HEAD"} if method == "GET" else {method})
        self.allowed.update({template: ", ".join(sorted(methods)).encode() for template, methods in found.items()})

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        """Let the request through or refuse it: 404 without a line, 401 without a token, 403 without the scope, 429."""
        scope: Any = connection.scope
        template = scope["path_template"]
        if scope["method"] == "OPTIONS":  # says which methods there are, which is in the open document as well
            if template not in self.allowed:
                raise Refusal("not_found", "There is nothing at this address.", status=404)
            return
        route = self._routes.get((scope["method"], template))
        if route is None:
            raise Refusal("not_found", "There is nothing at this address.", status=404)
        if route.page:
            note_view(connection, self._policy)
            asked = self._clients.address(scope)
            person = await enter(connection, route.scopes, self._pool())
            self._callers.take(asked if person is None else f"person:{person.person_id}")
        elif route.scopes:
            caller = await self._caller(scope)
            self._callers.take(caller.token_id)
            if not route.scopes & caller.scopes:
                raise Refusal(
                    "scope_missing",
                    f"This needs a token with the scope {' or '.join(sorted(route.scopes))}.",
                    status=403,
                )
            scope["auth"] = caller
        else:
            self._callers.take(self._clients.address(scope))
        _check_query(scope["query_string"], route)
        if any(isinstance(each, int) and abs(each) >= 2**63 for each in scope["path_params"].values()):
            raise Refusal("not_found", "There is nothing at this address.", status=404)  # no id is so large

    async def _caller(self, scope: Any) -> Caller:
        address = self._clients.address(scope)
        try:
            token = bearer(scope["headers"])
            if self._failures.empty(address) and not self._tokens.remembers(token):
                self._failures.take(address)
            return await self._tokens.verify(token, self._pool())
        except Unavailable:
            raise
        except Refusal:
            self._failures.take(address)
            raise


def _check_query(query: bytes, route: _Route) -> None:
    if not query:
        return
    try:
        text = query.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise Refusal("query_invalid", "The query is not percent-encoded UTF-8.", status=400) from None
    seen: set[str] = set()
    for name, value in pairs:
        if name not in route.query and not (route.page and name in PAGE_QUERY):
            known = ", ".join(sorted(route.query)) or "none"
            raise Refusal(
                "query_unknown", f"{name[:60]!r} is no parameter here; known: {known}.", status=400, field=name[:60]
            )
        if name in seen and name not in route.many:
            raise Refusal("query_doubled", f"{name} stands in the query twice; give it once.", status=400, field=name)
        if "\0" in value:
            raise Refusal("query_invalid", f"{name} holds a NUL; leave it out.", status=400, field=name)
        seen.add(name)
