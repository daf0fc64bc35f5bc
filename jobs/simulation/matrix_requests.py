"""Jobs of the crash matrix that are requests: the API's own application, called in this process as its server does."""

from functools import cache
from typing import Any

import msgspec
from litestar import Litestar

from app.core.db import Connection, create_pool
from app.core.settings import Settings
from app.main import begin, create_app
from app.web import tokens
from app.web.caller import SCOPES
from jobs.simulation.matrix_model import KEY, Place, Ready, Work
from jobs.simulation.matrix_world import ACTOR, CARRIER, DAY

Asked = tuple[str, object]
"""Where to POST, and what; None without a body."""

_SETTINGS = Settings(business_date=DAY, log_level="error")


@cache
def _application() -> Litestar:
    return create_app(_SETTINGS)


def posted(*requests: Asked) -> Ready:
    """Requests of one caller, one after the other, each with its key; all of them again when the process died."""

    async def ready(connection: Connection) -> Work:
        _, token = await tokens.create(
            connection, name=ACTOR, scopes=sorted(SCOPES), carriers=[CARRIER], days=90, actor=ACTOR
        )

        async def work(place: Place) -> object:
            pool = await create_pool(place.url, 4, command_timeout=10)
            try:
                begin(_application(), _SETTINGS, pool=pool)
                return [await _post(token, f"{KEY}-{n}", where, body) for n, (where, body) in enumerate(requests)]
            finally:
                pool.terminate()

        return work

    return ready


async def _post(token: str, key: str, where: str, body: object) -> Any:
    """The answer to a request that must be taken."""
    path, _, query = where.partition("?")
    content = b"" if body is None else msgspec.json.encode(body)
    headers = {
        "host": "localhost",
        "authorization": f"Bearer {token}",
        "idempotency-key": key,
        "content-type": "application/json",
        "content-length": str(len(content)),
    }
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 40000), "server": ("localhost", 80), "extensions": {},
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await _application()(scope, receive, send)  # type: ignore[arg-type]
    status = next(each["status"] for each in sent if each["type"] == "http.response.start")
    answer = b"".join(each.get("body", b"") for each in sent)
    assert status in (200, 201, 202, 204), f"{where}: {status} {answer.decode()}"
    return status, answer
