"""What the API shows of claims: lists, one claim with all that belongs to it, its facts. Reads only, never commits."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from app.claims.model import ClaimKind
from app.claims.rules import NextFacts, NextStep, offset_base, what_next
from app.claims.status import ClaimStatus, StatusFacts, status_of
from app.core.db import Connection, plan_for_values

WINDOW = 1000  # claims that one page looks at, however few of them fit: a bound on the work of a request
SHOWN_LINES = 100
KIND_NAMES = {kind: kind.name.lower().replace("_", "-") for kind in ClaimKind}


class ClaimSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A claim in a list; amounts in cents. `status` is computed from facts; `reminders`: how many were sent."""

    reference: str
    risk_carrier: str
    provider: str
    kind: str
    reason_code: str
    number: str | None
    status: str
    reminders: int
    amount_cents: int
    open_cents: int
    held_cents: int
    registered_on: date
    due_date: date


class ClaimLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of a claim; `wasCents` and `becomesCents` where the line corrects an amount."""

    line_no: int
    cents: int
    description: str | None
    declaration_number: str | None
    invoice_number: str | None
    period_from: date | None
    period_until: date | None
    was_cents: int | None
    becomes_cents: int | None


class OpenCents(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is still owed, per component, and what of the total can be offset once its start moment has come.

    `heldCents` take no part in offset. `notOffsetCents`: what is not offset beside that, as the policy and the
    instructions of the day stand (charges, a reason code that is not offset or not in the policy, offset switched off).
    `offsettableCents`: the rest, less what caps and floors keep back; 0 while the whole running account is on hold.
    """

    principal_cents: int
    costs_cents: int
    interest_cents: int
    total_cents: int
    held_cents: int
    not_offset_cents: int
    offsettable_cents: int


class ClaimHold(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A hold that runs on the claim, or on its whole running account; `cents` null: all of it."""

    id: int
    kind: str
    whole_account: bool
    cents: int | None
    processes: tuple[str, ...]
    from_date: date
    until_date: date | None


class ClaimDetail(ClaimSummary, frozen=True, kw_only=True):
    """A claim with all that belongs to it. The first 100 of its lines; the others by …/lines."""

    agb: str
    ground: str
    letter_date: date | None
    original_cents: int
    open: OpenCents
    line_count: int
    lines: list[ClaimLine]
    holds: list[ClaimHold]
    payment_references: list[str]
    next: list[NextStep]


class ClaimEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One fact in the life of a claim; `cents` null where no amount belongs to it."""

    on_date: date
    id: int
    what: str
    cents: int | None
    cause: str


class ClaimFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims a list shows. `accounts`: only of these running accounts; None: of all that the caller sees."""

    risk_carrier_id: int | None = None
    accounts: tuple[int, ...] | None = None
    reason_code: str | None = None
    status: str | None = None
    open_only: bool = False


STATUS_NAMES = {status: str(status).replace(" ", "-") for status in ClaimStatus}
_CLOSED = {"requested", "withdrawn", "written-off", "offset", "settled"}
# The window is a range of one primary key, without a join; what else is shown is then looked up for those rows only.
# `offset 0` keeps each look-up whole: flattened, the planner joins by running account alone and reads a giant's claims
# once per row.
_CLAIMS = """
select w.account_id, w.claim_id, c.reference, r.code as risk_carrier, v.number as provider, w.kind,
  rc.code as reason_code, c.number, w.held_cents, w.registered_on, w.due_date, w.open_cents, w.reminders,
  (c.original_cents + coalesce(a.delta_cents, 0))::bigint as amount_cents, coalesce(a.withdrawn, false) as withdrawn,
  e.queued, e.matured,
  coalesce(b.written_off_cents, 0) as written_off_cents, coalesce(b.offset_cents, 0) as offset_cents,
  coalesce(b.paid_cents, 0) as paid_cents,
  array(select distinct h.kind from hold h where h.account_id = w.account_id and h.ended_on is null
    and (h.claim_id = w.claim_id or h.claim_id is null) and h.from_date <= $9
    and (h.until_date is null or h.until_date >= $9)) as hold_kinds
from (
  select p.account_id, p.claim_id, p.risk_carrier_id, p.kind, p.registered_on, p.reason_id, p.due_date, p.held_cents,
    coalesce(cardinality(p.reminder_term_ends), 0) as reminders,
    p.open_principal_cents + p.open_costs_cents + p.open_interest_cents as open_cents
  from claim_position p
  where (p.account_id, p.claim_id) > ($1, $2) and p.account_id between $3 and $4
    and ($5::bigint[] is null or p.account_id = any ($5::bigint[]))
    and ($6::smallint is null or p.risk_carrier_id = $6)
    and ($7::text is null or p.reason_id in (select x.reason_id from reason_code x where x.code = $7))
    and ($8::boolean is null
      or (p.open_principal_cents + p.open_costs_cents + p.open_interest_cents > 0) = $8::boolean)
  order by p.account_id, p.claim_id limit $10) w
cross join lateral (select x.reference, x.number, x.original_cents from claim x
  where x.account_id = w.account_id and x.claim_id = w.claim_id offset 0) c
join risk_carrier r on r.risk_carrier_id = w.risk_carrier_id
cross join lateral (select x.number from running_account a join provider x using (provider_id)
  where a.account_id = w.account_id offset 0) v
join reason_code rc on rc.reason_id = w.reason_id
cross join lateral (select
    w.open_cents = 0 and exists (select 1 from payable q where q.account_id = w.account_id and q.entry_id = w.claim_id)
      as queued,
    exists (select 1 from claim_maturity m where m.account_id = w.account_id and m.claim_id = w.claim_id) as matured
  offset 0) e
left join lateral (select sum(x.delta_cents) filter (where x.kind <> 3)::bigint as delta_cents,
    bool_or(x.kind = 2) as withdrawn
  from adjustment x where x.account_id = w.account_id and x.claim_id = w.claim_id) a on true
left join lateral (select
    sum(p.cents * case when p.kind between 2 and 4 or p.kind = 41 then 1
      when p.kind between 30 and 32 or p.kind = 43 then -1 else 0 end)::bigint
      as offset_cents,
    sum(p.cents * case when p.kind in (11, 12, 13, 15, 16, 17, 18) then 1
      when p.kind between 34 and 36 then -1 else 0 end)::bigint as paid_cents,
    sum(p.cents * (p.kind between 24 and 26)::int)::bigint as written_off_cents
  from posting p where p.account_id = w.account_id and p.claim_id = w.claim_id and w.open_cents = 0) b on true
order by w.account_id, w.claim_id
"""


async def list_claims(
    conn: Connection, wanted: ClaimFilter, *, after: tuple[int, int], on: date, limit: int
) -> tuple[list[ClaimSummary], tuple[int, int] | None]:
    """A page in order of running account and registration, and the place after it (None: that was all).

    A status is no column, so a page with that filter looks at `WINDOW` claims and may show fewer than `limit`.
    """
    first, last = (min(wanted.accounts), max(wanted.accounts)) if wanted.accounts else (0, 2**63 - 1)
    is_open: bool | None = True if wanted.open_only else None
    if wanted.status is not None and is_open is None:
        is_open = wanted.status not in _CLOSED
    await plan_for_values(conn)
    window = WINDOW if wanted.status is not None else limit + 1
    rows = await conn.fetch(
        _CLAIMS,
        *(*after, first, last, wanted.accounts, wanted.risk_carrier_id, wanted.reason_code, is_open, on, window),
    )
    found: list[ClaimSummary] = []
    place: tuple[int, int] | None = None
    for row in rows:
        if len(found) == limit:
            return found, place
        place = (row["account_id"], row["claim_id"])
        summary = _summary(row)
        if wanted.status is None or summary.status == wanted.status:
            found.append(summary)
    return found, place if len(rows) == window else None


def _summary(row: Any) -> ClaimSummary:
    facts = {field: row[field] for field in StatusFacts.__struct_fields__ if field != "hold_kinds"}
    status = status_of(StatusFacts(**facts, hold_kinds=tuple(row["hold_kinds"])))
    return ClaimSummary(**_shown(row), status=STATUS_NAMES[status])


def _shown(row: Any) -> dict[str, Any]:
    computed = ("status", "kind")
    fields = {field: row[field] for field in ClaimSummary.__struct_fields__ if field not in computed}
    return {**fields, "kind": KIND_NAMES[ClaimKind(row["kind"])]}


_DETAIL = """
select g.agb, c.ground, c.letter_date, c.original_cents, p.open_principal_cents, p.open_costs_cents,
  p.open_interest_cents, p.offset_requested_on, coalesce(p.reminder_term_ends, '{}') as reminder_term_ends,
  (select count(*) from claim_line l where l.account_id = $1 and l.claim_id = $2) as line_count,
  array(select x.reference from payment_reference_claim x join payment_reference f using (reference)
    where x.account_id = $1 and x.claim_id = $2 order by f.issued_on, x.reference) as payment_references,
  coalesce(ci.mode, ai.mode, rp.offset_mode) as offset_mode,
  case when ci.mode is not null then ci.valid_until when ai.mode is not null then ai.valid_until end as mode_until,
  rp.quiet, rp.matures_days, rp.offset_start, rp.offset_start_reminder, rp.offset_charges, d.days_after_due,
  d.on_the_day, ap.after_step, ap.on_the_day as agency_on_the_day
from claim c join claim_position p using (account_id, claim_id) join agb_registration g on g.agb_id = c.agb_id
  left join policy_version v on v.policy_version_id = (select y.policy_version_id from policy_version y
    where y.risk_carrier_id = c.risk_carrier_id and y.valid_from <= $3
    order by y.valid_from desc, y.version desc limit 1)
  left join reason_policy rp on rp.policy_version_id = v.policy_version_id and rp.reason_id = p.reason_id
  left join dunning_policy d on d.policy_version_id = v.policy_version_id and d.reason_id = p.reason_id
    and d.step_no = coalesce(cardinality(p.reminder_term_ends), 0) + 1
  left join agency_policy ap on ap.policy_version_id = v.policy_version_id and ap.reason_id = p.reason_id
  left join lateral (select i.mode, i.valid_until from offset_instruction i
    where i.account_id = $1 and i.claim_id = $2 and i.valid_from <= $3
      and (i.valid_until is null or i.valid_until >= $3)
    order by i.valid_from desc, i.instruction_id desc limit 1) ci on true
  left join lateral (select i.mode, i.valid_until from offset_instruction i
    where i.account_id = $1 and i.claim_id is null and i.valid_from <= $3
      and (i.valid_until is null or i.valid_until >= $3)
    order by i.valid_from desc, i.instruction_id desc limit 1) ai on true
where c.account_id = $1 and c.claim_id = $2
"""
_HOLDS = """
select hold_id as id, kind, claim_id is null as whole_account, cents, for_dunning, for_offset, for_payout, for_agency,
  from_date, until_date
from hold where account_id = $1 and (claim_id = $2 or claim_id is null) and ended_on is null
  and (until_date is null or until_date >= $3) order by hold_id limit 1000
"""
HOLD_NAMES = {
    1: "dispute", 2: "plan", 3: "block", 4: "agency", 5: "insolvency", 6: "cession", 7: "attachment", 8: "reservation",
    9: "investigation",
}  # fmt: skip
_PROCESSES = ("dunning", "offset", "payout", "agency")


def processes_of_row(row: Any) -> tuple[str, ...]:
    """What a row of `hold` stops."""
    return tuple(process for process in _PROCESSES if row[f"for_{process}"])


async def claim_detail(conn: Connection, account_id: int, claim_id: int, on: date) -> ClaimDetail:
    """One claim with lines, holds, references and what happens next, as it stands."""
    (row,) = await conn.fetch(
        _CLAIMS, *(account_id, claim_id - 1, account_id, account_id, None, None, None, None, on, 1)
    )
    today = await conn.fetchrow(_DETAIL, account_id, claim_id, on)
    assert today is not None
    assert row["claim_id"] == claim_id
    holds = [
        ClaimHold(
            **{field: hold[field] for field in ("id", "whole_account", "cents", "from_date", "until_date")},
            kind=HOLD_NAMES[hold["kind"]],
            processes=processes_of_row(hold),
        )
        for hold in await conn.fetch(_HOLDS, account_id, claim_id, on)
    ]
    summary = _summary(row)
    base = _base(row, today, on)
    coming, starts = await _coming(conn, row, today, on) if base == 0 and summary.open_cents else (base, on)
    return ClaimDetail(
        **msgspec.structs.asdict(summary),
        **{field: today[field] for field in ("agb", "ground", "letter_date", "original_cents", "line_count")},
        open=_open(summary, today, base, still=account_still(holds, on)),
        lines=await claim_lines(conn, account_id, claim_id, after=0, limit=SHOWN_LINES),
        holds=holds,
        payment_references=list(today["payment_references"]),
        next=what_next(_next_facts(row, today, holds, coming, starts, on)),
    )


async def _coming(conn: Connection, row: Any, more: Any, on: date) -> tuple[int, date]:
    """What an instruction keeps out of offset until a day, and the day after; looks past at most ten of them."""
    for _ in range(10):
        if more["offset_mode"] != 0 or more["mode_until"] is None:
            break
        on = more["mode_until"] + timedelta(days=1)
        more = await conn.fetchrow(_DETAIL, row["account_id"], row["claim_id"], on)
        if base := _base(row, more, on):
            return base, on
    return 0, on


def _base(row: Any, more: Any, on: date) -> int:
    return offset_base(
        more["open_principal_cents"],
        more["open_costs_cents"] + more["open_interest_cents"],
        start=None if row["kind"] == ClaimKind.TAKEN_OVER and row["registered_on"] < on else more["offset_start"],
        mode=more["offset_mode"],
        charges_too=more["offset_charges"],
    )


def _open(summary: ClaimSummary, more: Any, base: int, *, still: bool) -> OpenCents:
    offsettable = max(0, base - summary.held_cents)
    return OpenCents(
        principal_cents=more["open_principal_cents"],
        costs_cents=more["open_costs_cents"],
        interest_cents=more["open_interest_cents"],
        total_cents=summary.open_cents,
        held_cents=summary.held_cents,
        not_offset_cents=summary.open_cents - summary.held_cents - offsettable,
        offsettable_cents=0 if still else offsettable,
    )


def account_still(holds: Sequence[ClaimHold], on: date) -> bool:
    """Whether something keeps the whole running account out of offset that day, though no cent is set apart."""
    return any(hold.whole_account and "offset" in hold.processes and hold.from_date <= on for hold in holds)


def _next_facts(row: Any, more: Any, holds: Sequence[ClaimHold], base: int, starts: date, on: date) -> NextFacts:
    running = [hold for hold in holds if hold.from_date <= on]
    wholly = {process for hold in running if hold.cents is None for process in hold.processes}
    return NextFacts(
        on=on,
        open_cents=row["open_cents"],
        offset_base_cents=base,
        offset_from=starts,
        queued=row["queued"],
        due_date=row["due_date"],
        registered_on=row["registered_on"],
        reminder_term_ends=tuple(more["reminder_term_ends"]),
        held={*wholly, *(("offset",) if row["held_cents"] >= base else ())},
        requested_on=more["offset_requested_on"],
        **{
            field: more[field]
            for field in (
                *("quiet", "matures_days", "offset_start", "offset_start_reminder", "days_after_due", "on_the_day"),
                *("after_step", "agency_on_the_day"),
            )
        },
    )


async def claim_lines(conn: Connection, account_id: int, claim_id: int, *, after: int, limit: int) -> list[ClaimLine]:
    """Lines of a claim with a number above `after`, in order."""
    rows = await conn.fetch(
        """select line_no, cents, description, declaration_number, invoice_number, period_from, period_until,
             was_cents, becomes_cents
           from claim_line where account_id = $1 and claim_id = $2 and line_no > $3 order by line_no limit $4""",
        *(account_id, claim_id, after, limit),
    )
    return [ClaimLine(**dict(row)) for row in rows]


async def claim_events(
    conn: Connection,
    account_id: int,
    claim_id: int,
    *,
    after: tuple[date, int, str],
    limit: int,
    fact_id: int | None = None,
) -> list[ClaimEvent]:
    """Facts of a claim after a place in its timeline, in order; only of one fact, when asked."""
    rows = await conn.fetch(
        """select on_date, fact_id as id, what, cents, cause from claim_timeline($1, $2)
           where (on_date, fact_id, what) > ($3::date, $4::bigint, $5::text) and ($7::bigint is null or fact_id = $7)
           order by on_date, fact_id, what limit $6""",
        *(account_id, claim_id, *after, limit, fact_id),
    )
    return [ClaimEvent(**dict(row)) for row in rows]
