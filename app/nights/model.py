"""Structs of nights: the schedule, and what the API takes and answers. Amounts are whole cents."""

from datetime import date, datetime, time
from typing import Annotated, Literal

import msgspec

RunState = Literal["waiting", "planned", "matching", "proven", "released", "stopped"]
Code = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=20,
        description="Code of the risk carrier.",
        examples=["VZ"],
        pattern=r"^[^\x00-\x1f]+$",
    ),
]
Day = Annotated[date, msgspec.Meta(description="The business date.", examples=["2026-03-02"])]


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the API answers: camelCase."""


class StartNight(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Start the night of a date, and those missed before it, in order. `catchUp`: also when more than 31 are due."""

    risk_carrier: Code
    business_date: Day
    catch_up: bool = False


class AskPreview(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What the night of a date would do as the books stand now; of one provider when its number is given."""

    risk_carrier: Code
    business_date: Day
    provider: (
        Annotated[str, msgspec.Meta(min_length=1, max_length=64, examples=["P000001"], pattern=r"^[^\x00-\x1f]+$")]
        | None
    ) = None


class Night(Answer, frozen=True, kw_only=True):
    """A night: `waiting` for its gate, `planned`, `matching`, `proven`, `released`, or `stopped` with a reason."""

    risk_carrier: str
    business_date: date
    payment_date: date
    state: RunState
    state_reason: str | None
    cut_off_at: datetime | None
    released_at: datetime | None


class LeftOut(Answer, frozen=True, kw_only=True):
    """Claims that were looked at with money at hand and not offset in full or in part: why, and how many."""

    code: str
    text: str
    claims: int


class Parked(Answer, frozen=True, kw_only=True):
    """A running account that a fault kept out of the night: its money waits for a later one."""

    provider: str
    reason: str
    entries: int
    cents: int


class Finding(Answer, frozen=True, kw_only=True):
    """What the proof of the night found; without a provider it concerns the whole night."""

    incident_id: int
    check: str
    provider: str | None
    opened_at: datetime
    resolved_at: datetime | None


class NightReport(Night, frozen=True, kw_only=True):
    """What a night did, or has done so far: gross (declared, given back, advances) = offset + net."""

    policy_version: int | None
    batches_done: int
    batches_total: int
    entries: int
    declared_cents: int
    returned_cents: int
    advance_cents: int
    gross_cents: int
    offset_cents: int
    net_cents: int
    payouts: int
    payouts_held: int
    in_scope: int
    offset_claims: int
    left_out_claims: int
    left_out: list[LeftOut]
    parked: list[Parked]
    findings: list[Finding]
    proposals: int


class NightDecision(Answer, frozen=True, kw_only=True):
    """What the night decided for a claim; it holds until a later night decides otherwise."""

    claim: str
    provider: str
    answer: str
    text: str
    open_cents: int
    held_cents: int
    offset_cents: int
    fact_date: date | None
    with_money: bool


class PreviewTotals(Answer, frozen=True, kw_only=True):
    """Totals of a night that was not run."""

    entries: int
    declared_cents: int
    returned_cents: int
    advance_cents: int
    offset_cents: int
    net_cents: int
    payouts: int
    in_scope: int
    offset_claims: int
    unpayable: int


class PreviewLine(Answer, frozen=True, kw_only=True):
    """A row that the night would write: an entry that leaves the queue, an offset, a payout, an answer for a claim,
    or a provider that cannot be paid (`unpayable`).
    """

    what: Literal["entry", "offset", "payout", "claim", "unpayable"]
    provider: str | None
    claim: str | None
    cents: int | None
    answer: str | None
    declared_cents: int | None
    returned_cents: int | None
    advance_cents: int | None
    offset_cents: int | None


class NightPreview(Answer, frozen=True, kw_only=True):
    """A preview that was asked for: without totals while it waits or runs; lines are the first 1,000.

    `nightReleased`: the night of that day is released by now, so what it did is in its report, not here.
    """

    preview_id: int
    risk_carrier: str
    business_date: date
    state: Literal["waiting", "running", "done", "failed"]
    error: str | None
    error_text: str | None
    night_released: bool
    read_at: datetime | None
    totals: PreviewTotals | None
    left_out: list[LeftOut]
    lines: list[PreviewLine]
    more_lines: bool


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When the jobs of a kind start by themselves: a local time in Europe/Amsterdam on days of the business date.

    `risk_carrier_id` None: the checks over everything. `days`: 1 = Monday. `next_day`: on the day after the business
    date. `scheduled_through`: up to and including it the jobs were made.
    """

    risk_carrier_id: int | None
    kind: str
    start_time: time
    days: list[int]
    next_day: bool
    active: bool
    scheduled_through: date
