"""Answers in another form than JSON: asked for with `Accept`, documented beside it, sent without a connection."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO, Any

from litestar import Request
from litestar.openapi.spec import Operation
from litestar.response import Stream

_IN_MEMORY = 1_000_000
_CHUNK = 65_536


@dataclass
class AlsoCsv(Operation):
    """`operation_class=` of a handler that answers `text/csv` too."""

    x_also: list[str] | None = field(default_factory=lambda: ["text/csv"], metadata={"alias": "x-also"})


@dataclass
class AlsoToml(Operation):
    """`operation_class=` of a handler that answers `application/toml` too."""

    x_also: list[str] | None = field(default_factory=lambda: ["application/toml"], metadata={"alias": "x-also"})


def prefers(request: Request[Any, Any, Any], media_type: str) -> bool:
    """Whether `Accept` names this media type, and JSON not or with less weight."""
    asked = request.accept
    return asked.best_match(["application/json", media_type], default="application/json") == media_type


async def spooled(parts: AsyncIterator[str], media_type: str, file_name: str) -> Stream:
    """An answer of any size in flat memory: written aside whole, so that an error is still an answer, then sent.

    The snapshot that `parts` reads may be closed when this returns: a slow reader keeps no connection.
    """
    # not a context manager: it is closed when it has been sent, and by its end of life when nobody takes it
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    async for part in parts:
        file.write(part.encode())
    return handed_out(file, media_type, file_name)


def handed_out(file: IO[bytes], media_type: str, file_name: str) -> Stream:
    """An answer that sends a written file from its beginning and closes it."""
    file.seek(0)

    async def chunks() -> AsyncIterator[bytes]:
        with file:
            while chunk := file.read(_CHUNK):
                yield chunk

    return Stream(
        chunks(), media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{file_name}"'}
    )
