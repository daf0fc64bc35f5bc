"""The few files that pages load: style, htmx, icon. Read once; their address changes with their content."""

import hashlib
from pathlib import Path

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath

from app.core.errors import Refusal

_FOLDER = Path(__file__).with_name("static")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class _File(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    version: str


def _read() -> dict[str, _File]:
    found = {}
    for path in sorted(_FOLDER.rglob("*")):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            found[path.name] = _File(content, _TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])
    return found


_FILES = _read()


def address(name: str) -> str:
    """The address of a file of app/web/static, for a template: `{{ static("vereffen.css") }}`."""
    return f"/static/{_FILES[name].version}/{name}"


@get("/static/{version:str}/{name:str}")
async def static_file(version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """The file, kept by browsers for a year when asked for by its own version."""
    found = _FILES.get(name)
    if found is None or found.version != version:
        raise Refusal("not_found", "There is nothing at this address.", status=404)
    return Response(
        found.content, media_type=found.media_type, headers={"cache-control": "public, max-age=31536000, immutable"}
    )


ROUTER = Router("/", route_handlers=[static_file], include_in_schema=False)
