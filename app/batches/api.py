"""Batches over HTTP: upload a file, follow it, fetch what was refused of it."""

import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from app.batches.actions import receive_batch, write_part
from app.batches.model import CONTENT_TYPES, Batch, BatchState, Upload
from app.batches.queries import list_batches, read_batch, rejections
from app.core.bell import Bell
from app.core.db import Pool
from app.core.errors import Refusal
from app.core.settings import Settings
from app.ledger import Command, command_of
from app.web.caller import Caller
from app.web.database import reading, risk_carrier_id, writing
from app.web.formats import prefers, spooled
from app.web.paging import Cursor, Page, PageSize, cursor, read_cursor
from app.web.params import PLAIN, IdempotencyKey, RiskCarrierCode
from app.web.problems import PROBLEMS, READ_PROBLEMS, missing

PART_BYTES = 1 << 20
SILENCE_SECONDS = 30.0  # not money: longer a sender may not be silent in the middle of a file
_CSV_COLUMNS = ("line", "code", "field", "value", "message")
# What a cell may not begin with, or a spreadsheet runs it (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass
class _FileBody(Operation):
    """An operation whose body is a file."""

    def __post_init__(self) -> None:
        text = {kind: OpenAPIMediaType(schema=Schema(type="string")) for kind in CONTENT_TYPES}  # type: ignore[arg-type]
        self.request_body = RequestBody(content=text, required=True, description="The file, see docs/files.md.")


@dataclass
class _TextAnswer(Operation):
    """An operation that answers JSON Lines or CSV (app/web/published.py adds what `x-also` names)."""

    x_also: list[str] | None = field(
        default_factory=lambda: ["application/x-ndjson", "text/csv"], metadata={"alias": "x-also"}
    )


@post(
    "/",
    operation_id="uploadBatch",
    summary="Upload a file",
    status_code=202,
    request_max_body_size=None,  # the file's own limit is looked at part by part
    operation_class=_FileBody,
    responses=PROBLEMS,
)
async def upload(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    bell: NamedDependency[Bell],
    today: NamedDependency[date],
    settings: NamedDependency[Settings],
    idempotency_key: IdempotencyKey,
    risk_carrier: Annotated[
        str,
        QueryParameter(
            name="riskCarrier",
            min_length=1,
            max_length=20,
            pattern=PLAIN,
            description="Code of the risk carrier; the file's header must name the same.",
            examples=[Example(value="VZ")],
        ),
    ],
    file_name: Annotated[
        str,
        QueryParameter(
            name="fileName",
            min_length=1,
            max_length=200,
            pattern=PLAIN,
            description="What the file is called in the report.",
            examples=[Example(value="declarations-2026-03-02.jsonl.gz")],
        ),
    ],
) -> Response[Batch]:
    """Send a file of records as the body: JSON Lines, CSV, or one of them as gzip. A worker then loads it, whole or
    not at all; `Location` leads to the batch, which says how far it is and what was refused.

    The same file again, under whatever name or key, adds nothing. An upload that breaks off leaves nothing.
    """
    async with reading(pool, caller) as connection:
        carrier = await risk_carrier_id(connection, risk_carrier)
    command = command_of(caller, idempotency_key, today)
    received = await received_upload(
        _parts(request),
        pool,
        command,
        settings,
        carrier=carrier,
        file_name=file_name,
        content_type=_content_type(request),
        announced=request.content_length,
    )
    async with writing(pool) as connection:
        batch_id, job_id, again = await receive_batch(connection, command, received)
    await bell.ring(job_id)
    headers = {"Location": f"/v1/batches/{batch_id}", **({"Idempotent-Replayed": "true"} if again else {})}
    return Response(await _read(pool, caller, batch_id), status_code=202, headers=headers)


async def received_upload(
    parts_of_it: AsyncIterator[bytes],
    pool: Pool,
    command: Command,
    settings: Settings,
    *,
    carrier: int,
    file_name: str,
    content_type: str,
    announced: int | None,
) -> Upload:
    """Write a file away part by part; one part in memory. Refusal 400, 413, 415 or 422 when it cannot be taken.

    `announced`: its bytes as the sender counted them, None when that was not said.
    """
    digest, size, parts = hashlib.sha256(), 0, 0
    if announced is not None and announced > settings.batch_max_bytes:
        raise _too_large(settings)
    async with writing(pool) as connection:
        batch_id = int(await connection.fetchval("select nextval('batch_id')"))
    async for part in parts_of_it:
        if parts == 0 and part.startswith(b"\x1f\x8b") is not (content_type == "application/gzip"):
            raise Refusal(
                "content_differs", "The file is gzip and its Content-Type is not, or the other way round.", status=415
            )
        size += len(part)
        if size > settings.batch_max_bytes:
            raise _too_large(settings)
        digest.update(part)
        parts += 1
        async with writing(pool) as connection:
            await write_part(connection, command, carrier, batch_id, parts, part)
    if size == 0:
        raise Refusal("batch_empty", "The file is empty; send its bytes as the body.", status=422)
    if announced is not None and announced != size:
        message = f"{announced} bytes were announced and {size} came; send it again."
        raise Refusal("upload_incomplete", message, status=400)
    return Upload(
        batch_id=batch_id,
        risk_carrier_id=carrier,
        file_name=file_name,
        content_type=content_type,
        size_bytes=size,
        sha256=digest.digest(),
        parts=parts,
        keep_days=settings.batch_keep_days,
    )


def _content_type(request: Request[Any, Any, Any]) -> str:
    kind, parameters = request.content_type
    if kind not in CONTENT_TYPES:
        raise Refusal("content_type", f"Send the file as {', '.join(CONTENT_TYPES)}.", status=415)
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Refusal("content_type", "Send the file in UTF-8.", status=415)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal("content_type", "Send a packed file as application/gzip, without Content-Encoding.", status=415)
    return str(kind)


def _too_large(settings: Settings) -> Refusal:
    most = settings.batch_max_bytes
    return Refusal("body_too_large", f"A file may have at most {most} bytes; pack it or split it.", status=413)


async def _parts(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body in parts of 1 MB; Refusal 400 when the sender falls silent or goes away."""
    pending = bytearray()
    pieces = request.stream()
    try:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                piece = await anext(pieces, None)
            if piece is None:
                break
            pending += piece
            while len(pending) >= PART_BYTES:
                yield bytes(pending[:PART_BYTES])
                del pending[:PART_BYTES]
    except TimeoutError:
        raise Refusal("upload_silent", f"Nothing came for {SILENCE_SECONDS:.0f} seconds.", status=400) from None
    except InternalServerException:
        raise Refusal("upload_incomplete", "The upload broke off; nothing was kept.", status=400) from None
    if pending:
        yield bytes(pending)


@get("/", operation_id="listBatches", summary="Batches, newest first", responses=READ_PROBLEMS)
async def batches(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    risk_carrier: RiskCarrierCode = None,
    only: Annotated[BatchState | None, QueryParameter(name="state", description="Only in this state.")] = None,
    page_size: PageSize = 50,
    page: Cursor = None,
) -> Page[Batch]:
    """The batches of the caller's risk carriers, newest first."""
    before = read_cursor(page, (int,))[0] if page else None
    async with reading(pool, caller) as connection:
        found = await list_batches(connection, risk_carrier=risk_carrier, state=only, before=before, most=page_size + 1)
    more = len(found) > page_size
    return Page(items=found[:page_size], next_cursor=cursor(found[page_size - 1].batch_id) if more else None)


@get("/{batch_id:int}", operation_id="readBatch", summary="A batch", responses=READ_PROBLEMS)
async def batch(caller: NamedDependency[Caller], pool: NamedDependency[Pool], batch_id: FromPath[int]) -> Batch:
    """How far a batch is, what the file said of itself and what came: counts, control totals, cut-off."""
    return await _read(pool, caller, batch_id)


async def _read(pool: Pool, caller: Caller, batch_id: int) -> Batch:
    async with reading(pool, caller) as connection:
        found = await read_batch(connection, batch_id)
    if found is None:
        raise missing("batch")
    return found


@get(
    "/{batch_id:int}/rejections",
    operation_id="listBatchRejections",
    summary="What was refused of a batch",
    responses=READ_PROBLEMS,
    operation_class=_TextAnswer,
)
async def refused(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    batch_id: FromPath[int],
    form: Annotated[
        Literal["jsonl", "csv"] | None, QueryParameter(name="format", description="JSON Lines (default) or CSV.")
    ] = None,
) -> Stream:
    """Every fault with line, code, field, value and remedy, as JSON Lines or as CSV (`Accept: text/csv` or `format`).

    At most the first 100,000: reading stops there. Nothing of a refused file is stored.
    """
    as_csv = form == "csv" or (form is None and prefers(request, "text/csv"))
    async with reading(pool, caller) as connection:
        if await read_batch(connection, batch_id) is None:
            raise missing("batch")
        found = rejections(connection, batch_id)
        if as_csv:
            return await spooled(csv_lines(found), "text/csv", f"batch-{batch_id}-rejections.csv")
        return await spooled(_lines(found), "application/x-ndjson", f"batch-{batch_id}-rejections.jsonl")


async def _lines(found: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for each in found:
        yield msgspec.json.encode(each).decode() + "\n"


async def csv_lines(found: AsyncIterator[Any]) -> AsyncIterator[str]:
    """Rejections as CSV with a header line; no cell begins as a formula does."""
    yield ",".join(_CSV_COLUMNS) + "\r\n"
    async for each in found:
        out = io.StringIO()
        csv.writer(out).writerow([_cell(getattr(each, name)) for name in _CSV_COLUMNS])
        yield out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value


ROUTER = Router("/batches", route_handlers=[upload, batches, batch, refused])
