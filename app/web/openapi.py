"""The OpenAPI 3.1 document: made from the handlers, completed with what holds for all of them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from app.web.edge import API_VERSION
from app.web.problems import TITLES
from app.web.published import published

_TEXT = """
The books of what care providers owe and are paid. Amounts are whole cents, dates are ISO 8601, names are camelCase.
Send a token as `Authorization: Bearer vrf_…`. A POST that creates takes an `Idempotency-Key`: sent again with the same
body it answers the same, with `Idempotent-Replayed: true`. Every error is a problem of RFC 9457 with a stable `code`.
""".strip()


@get(
    "/openapi.json",
    operation_id="openapi",
    summary="This document",
    media_type="application/json",
)
async def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI 3.1 document of this API."""
    app = request.app
    if (made := app.state.get("openapi")) is None:
        made = app.state["openapi"] = msgspec.json.encode(schema(app, app.state["policy"]))
    # anybody's editor may read the document, from any site; nothing else is opened (/core/publish-openapi)
    return Response(made, media_type="application/json", headers={"access-control-allow-origin": "*"})


def configure(app: Litestar) -> None:
    """Let the framework build the document without its own routes, which load pages from elsewhere."""
    plugin = app.plugins.get(OpenAPIPlugin)
    plugin._openapi_config = OpenAPIConfig(
        title="Vereffen",
        version=API_VERSION,
        description=_TEXT,
        use_handler_docstrings=True,
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer", bearer_format="vrf_<id>_<secret>")}
        ),
    )


def schema(app: Litestar, opened: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """The document as built-in types, with who may call each operation."""
    made = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    found: dict[str, Any] = made
    for path, item in found["paths"].items():
        for method, operation in item.items():
            scopes = opened.get(f"{method.upper()} {path}", frozenset())
            operation["security"] = [{"token": [scope]} for scope in sorted(scopes)]
            if scopes:
                operation["description"] = (
                    f"{operation.get('description', '')}\n\nScope: {' or '.join(sorted(scopes))}.".strip()
                )
    return published(found, TITLES)
