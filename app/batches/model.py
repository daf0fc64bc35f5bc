"""Structs of the batches."""

from datetime import date, datetime
from typing import Literal

import msgspec

BatchState = Literal["received", "loading", "loaded", "refused", "failed"]
CONTENT_TYPES = ("application/x-ndjson", "text/csv", "application/gzip")


class Batch(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One file. `received` waits for a worker; `loaded` and `refused` are the end: whole or not at all.

    `failed`: the program could not; ask for the job again (`jobId`). `declaredRows` and `declaredTotalCents` are what
    the file's header says; `read`, `controlTotalCents` what came. Until the end `read` is how far it is.
    `rejectionCount` counts every refused fault, `rejectionsKept` those that can be fetched.
    """

    batch_id: int
    risk_carrier: str
    state: BatchState
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    business_date: date
    received_at: datetime
    received_by: str
    job_id: int
    waiting_for: str | None
    error: str | None
    kind: str | None
    source: str | None
    cut_off_date: date | None
    declared_rows: int | None
    declared_total_cents: int | None
    read: int | None
    added: int | None
    known: int | None
    changed: int | None
    control_total_cents: int | None
    rejection_count: int | None
    rejections_kept: int | None
    ended_at: datetime | None
    content_deleted_at: datetime | None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What came with a file, before anybody has read it. `batch_id` names its parts."""

    batch_id: int
    risk_carrier_id: int
    file_name: str
    content_type: str
    size_bytes: int
    sha256: bytes
    parts: int
    keep_days: int
