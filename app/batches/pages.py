"""Files as pages: send one, follow it, and read what came of it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from app.batches.actions import receive_batch
from app.batches.api import PART_BYTES, csv_lines, received_upload
from app.batches.model import Batch, BatchState
from app.batches.queries import list_batches, read_batch, rejections
from app.core.bell import Bell
from app.core.db import Pool
from app.core.errors import Refusal, Rejection
from app.core.settings import Settings
from app.ledger import Command
from app.web.choices import carriers_seen
from app.web.database import reading, risk_carrier_id, writing
from app.web.formats import spooled
from app.web.page import go, pages, render
from app.web.paging import Cursor, cursor, read_cursor
from app.web.params import RiskCarrierCode
from app.web.people import Person
from app.web.problems import missing
from app.web.words import gettext, marked

_PAGE = 50
_SHOWN = 100
_FORM_SECONDS = 600.0  # not money: longer a browser may not take to send a file
_AROUND_BYTES = 10_000  # what a form may have around its file
STATES = {
    "received": ("busy", marked("wacht")),
    "loading": ("busy", marked("wordt ingelezen")),
    "loaded": ("good", marked("ingelezen")),
    "refused": ("bad", marked("geweigerd")),
    "failed": ("bad", marked("mislukt")),
}
KINDS = {
    "providers": marked("zorgaanbieders"),
    "claims": marked("vorderingen"),
    "declarations": marked("declaraties en correcties"),
    "opening-claims": marked("openstaande vorderingen bij het begin"),
}


class Sent(msgspec.Struct, frozen=True):
    """What a form of a file held."""

    risk_carrier: str
    nonce: str
    file: UploadFile


async def _list(request: Any, pool: Pool, person: Person, *, status: int = 200, error: str = "", **asked: Any) -> Any:
    place = read_cursor(asked["after"], (int,))[0] if asked.get("after") else None
    async with reading(pool, person) as connection:
        carriers = await carriers_seen(connection)
        found = await list_batches(
            connection, risk_carrier=asked.get("carrier"), state=asked.get("state"), before=place, most=_PAGE + 1
        )
    chosen = {
        name: text
        for name, text in (("riskCarrier", asked.get("carrier")), ("state", asked.get("state")))
        if text is not None
    }
    following = urlencode({**chosen, "cursor": cursor(found[_PAGE - 1].batch_id)}) if len(found) > _PAGE else ""
    return render(
        request,
        "batches/list.html",
        status=status,
        batches=found[:_PAGE],
        carriers=carriers,
        chosen=chosen,
        states=STATES,
        kinds=KINDS,
        error=error,
        nonce=secrets.token_urlsafe(12),
        following=f"/imports?{following}" if following else "",
    )


@get("/imports")
async def imports(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    risk_carrier: RiskCarrierCode = None,
    only: Annotated[BatchState | None, QueryParameter(name="state")] = None,
    after: Cursor = None,
) -> Response[str]:
    """The files that came, newest first, and the form that sends one."""
    found: Response[str] = await _list(request, pool, person, carrier=risk_carrier, state=only, after=after)
    return found


@post("/imports", status_code=200, request_max_body_size=None)  # the file's own limit is looked at
async def file_sent(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """Keep the file and let a worker load it; the same form sent twice is one file."""
    try:
        sent = await _sent(request, settings)
        async with reading(pool, person) as connection:
            carrier = await risk_carrier_id(connection, sent.risk_carrier)
        command = Command(actor=person.actor, business_date=today, risk_carriers=person.risk_carriers)
        head = await sent.file.read(2)
        await sent.file.seek(0)
        received = await received_upload(
            _parts(sent.file),
            pool,
            command,
            settings,
            carrier=carrier,
            file_name=_name(sent.file.filename),
            content_type=_content_type(sent.file.filename, head),
            announced=None,
        )
    except Refusal as refusal:
        if refusal.code not in _WORDS:
            raise
        found: Response[str] = await _list(request, pool, person, status=422, error=gettext(_WORDS[refusal.code]))
        return found
    key = f"{person.actor}:page:{sent.nonce}:{received.sha256.hex()}"
    async with writing(pool) as connection:
        batch_id, job_id, _ = await receive_batch(
            connection, msgspec.structs.replace(command, idempotency_key=key), received
        )
    await bell.ring(job_id)
    return go(request, f"/imports/{batch_id}", gettext("Het bestand is binnen."))


_WORDS = {
    "file_missing": marked("Kies een bestand en een risicodrager."),
    "batch_empty": marked("Dit bestand is leeg. Kies een ander."),
    "body_too_large": marked("Dit bestand is te groot. Pak het in (gzip) of splits het."),
    "upload_incomplete": marked("Het bestand kwam niet heel over. Stuur het opnieuw."),
}


async def _sent(request: Request[Any, Any, Any], settings: Settings) -> Sent:
    length = request.content_length
    if length is None or length > settings.batch_max_bytes + _AROUND_BYTES:
        raise Refusal("body_too_large", "The file is too large, or its size was not said.", status=413)
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            form = await request.form()
    except (TimeoutError, ClientException):
        raise Refusal("upload_incomplete", "The file did not come whole; send it again.", status=400) from None
    file, carrier, nonce = form.get("file"), form.get("riskCarrier"), form.get("nonce")
    if not isinstance(file, UploadFile) or not isinstance(carrier, str) or not carrier:
        raise Refusal("file_missing", "Choose a file and a risk carrier.", status=422)
    return Sent(carrier[:20], nonce[:40] if isinstance(nonce, str) else "", file)


def _name(text: str) -> str:
    """What the file is called in the report: without folders and control characters."""
    plain = "".join(each for each in text.replace("\\", "/").rpartition("/")[2] if each.isprintable())
    return plain[:200] or "file"


def _content_type(name: str, head: bytes) -> str:
    """Browsers do not know these kinds: the first bytes and the name say it."""
    if head == b"\x1f\x8b":
        return "application/gzip"
    return "text/csv" if name.lower().endswith(".csv") else "application/x-ndjson"


async def _parts(file: UploadFile) -> AsyncIterator[bytes]:
    while part := await file.read(PART_BYTES):
        yield part


async def _report(pool: Pool, person: Person, batch_id: int) -> tuple[Batch, list[Rejection]]:
    async with reading(pool, person) as connection:
        found = await read_batch(connection, batch_id)
        if found is None:
            raise missing("batch")
        refused = []
        if found.rejections_kept:
            async for each in rejections(connection, batch_id):
                refused.append(each)
                if len(refused) == _SHOWN:
                    break
    return found, refused


@get("/imports/{batch_id:int}")
async def import_page(
    request: Request[Any, Any, Any],
    batch_id: FromPath[int],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
) -> Response[str]:
    """How far a file is, and its report: what it said of itself beside what came, and every fault."""
    found, refused = await _report(pool, person, batch_id)
    return render(request, "batches/one.html", batch=found, refused=refused, states=STATES, kinds=KINDS)


@get("/imports/{batch_id:int}/progress")
async def import_progress(
    request: Request[Any, Any, Any],
    batch_id: FromPath[int],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
) -> Response[str]:
    """The part of the page that changes, for a page that asks again by itself."""
    found, refused = await _report(pool, person, batch_id)
    return render(request, "batches/report.html", batch=found, refused=refused, states=STATES, kinds=KINDS)


@get("/imports/{batch_id:int}/rejections")
async def import_rejections(
    batch_id: FromPath[int], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Stream:
    """Every fault as CSV, at most the first 100,000."""
    async with reading(pool, person) as connection:
        if await read_batch(connection, batch_id) is None:
            raise missing("batch")
        found = csv_lines(rejections(connection, batch_id))
        return await spooled(found, "text/csv", f"import-{batch_id}-rejections.csv")


PAGES = pages(imports, file_sent, import_page, import_progress, import_rejections)
