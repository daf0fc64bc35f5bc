"""Structs of the queue."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

JobState = Literal["waiting", "running", "done", "failed"]


class JobStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A job: `night`, `preview`, `checks`, `import`, … `subject` is what it is about (a business date, a batch).

    `waitingFor` says why it was put off, `done` of `total` how far its `stage` is. A job that failed says in `error`
    with which code, and waits until somebody asks for it again.
    """

    job_id: int
    kind: str
    risk_carrier: str | None
    subject: str
    business_date: date | None
    state: JobState
    attempts: int
    not_before: datetime
    waiting_for: str | None
    stage: str | None
    done: int | None
    total: int | None
    error: str | None
    error_text: str | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
