"""What the API shows of offsets: lines by claim, declaration or provider, one with its reversals, instructions."""

from datetime import date
from typing import Any

import msgspec

from app.core.db import Connection
from app.core.ids import declaration_reference, offset_reference, payout_number

Place = tuple[int, int, int, int]
START: Place = (0, 0, 0, 0)
_PARTS = {2: "principal", 3: "costs", 4: "interest"}


class Offset(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one declaration paid on one component of one claim; `standingCents` is what was not reversed of it."""

    reference: str
    risk_carrier: str
    provider: str
    declaration: str
    declaration_number: str
    claim: str
    component: str
    cents: int
    standing_cents: int
    booking_date: date
    effective_date: date
    payout: str


class Reversal(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A reversal of an offset: `cause` is decision, adjustment of the claim, or withdrawn-declaration."""

    id: int
    cents: int
    decided_on: date
    effective_date: date
    cause: str
    reason: str


class OffsetDetail(Offset, frozen=True, kw_only=True):
    """An offset with what was given back of it."""

    reversals: list[Reversal]


# One branch is for one question, so that each is a range of an index, whatever plan the server keeps. `offset 0` keeps
# each look-up whole: flattened, the planner joins by running account alone.
_OFFSETS = """
select w.account_id, w.event_id, w.kind, w.line, w.cents, w.booking_date, w.effective_date, w.payout_id,
  r.code as risk_carrier, v.number as provider, d.number as declaration_number, c.reference as claim, y.business_date,
  (w.cents - coalesce((select sum(x.cents) from posting x where x.account_id = w.account_id
    and x.reverses_event_id = w.event_id and x.reverses_line = w.line and x.kind between 30 and 32), 0))::bigint
    as standing_cents
from (
  select * from (
    (select p.* from posting p where $6::bigint is not null and p.account_id = $5 and p.claim_id = $6
      and p.kind between 2 and 4 and (p.event_id, p.kind, p.line) > ($2, $3, $4)
      order by p.account_id, p.event_id, p.kind, p.line limit $8)
    union all
    (select p.* from posting p where $6::bigint is null and $7::bigint is not null and p.account_id = $5
      and p.event_id = $7 and p.kind between 2 and 4 and (p.event_id, p.kind, p.line) > ($2, $3, $4)
      order by p.account_id, p.event_id, p.kind, p.line limit $8)
    union all
    (select p.* from posting p where $6::bigint is null and $7::bigint is null and p.account_id between $5 and $9
      and p.account_id = any ($10::bigint[]) and p.kind between 2 and 4
      and (p.account_id, p.event_id, p.kind, p.line) > ($1, $2, $3, $4)
      order by p.account_id, p.event_id, p.kind, p.line limit $8)) u
  order by account_id, event_id, kind, line limit $8) w
join risk_carrier r on r.risk_carrier_id = w.risk_carrier_id
cross join lateral (select x.number from running_account a join provider x using (provider_id)
  where a.account_id = w.account_id offset 0) v
cross join lateral (select x.number from declaration x
  where x.account_id = w.account_id and x.declaration_id = w.event_id offset 0) d
cross join lateral (select x.reference from claim x
  where x.account_id = w.account_id and x.claim_id = w.claim_id offset 0) c
cross join lateral (select x.business_date from payout x
  where x.account_id = w.account_id and x.payout_id = w.payout_id offset 0) y
order by w.account_id, w.event_id, w.kind, w.line
"""


async def list_offsets(
    conn: Connection,
    accounts: tuple[int, ...],
    *,
    claim_id: int | None = None,
    declaration_id: int | None = None,
    after: Place = START,
    limit: int,
) -> tuple[list[Offset], Place | None]:
    """Offset lines of running accounts (of one claim or one declaration of the only one) in order of declaration."""
    rows = await conn.fetch(
        _OFFSETS,
        *(*after, min(accounts), claim_id, declaration_id, limit + 1, max(accounts), accounts),
    )
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return [Offset(**_fields(row)) for row in shown], (
        None if last is None else (last["account_id"], last["event_id"], last["kind"], last["line"])
    )


def _fields(row: Any) -> dict[str, Any]:
    as_they_are = (
        "risk_carrier", "provider", "declaration_number", "claim", "cents", "standing_cents", "booking_date",
        "effective_date",
    )  # fmt: skip
    return {
        **{field: row[field] for field in as_they_are},
        "reference": offset_reference(row["account_id"], row["event_id"], row["line"]),
        "declaration": declaration_reference(row["account_id"], row["event_id"]),
        "component": _PARTS[row["kind"]],
        "payout": payout_number(row["payout_id"], row["business_date"].year),
    }


_CAUSES = {1: "decision", 2: "adjustment", 3: "withdrawn-declaration"}


async def offset_detail(conn: Connection, account_id: int, declaration_id: int, line: int) -> OffsetDetail | None:
    """One offset line with its reversals; None when there is none."""
    rows = await conn.fetch(
        _OFFSETS,
        *(account_id, declaration_id, 0, 0, account_id, None, declaration_id, 2**31 - 1, account_id, (account_id,)),
    )
    row = next((row for row in rows if row["line"] == line), None)
    if row is None:
        return None
    reversals = await conn.fetch(
        """select reversal_id as id, cents, decided_on, effective_date, cause, reason from offset_reversal
           where account_id = $1 and declaration_id = $2 and offset_line = $3 order by reversal_id""",
        *(account_id, declaration_id, line),
    )
    return OffsetDetail(
        **_fields(row), reversals=[Reversal(**{**dict(each), "cause": _CAUSES[each["cause"]]}) for each in reversals]
    )


class GivenDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on a claim as it was stored; it holds until the next one. Amounts in cents."""

    decided_on: date
    code: str
    text_nl: str
    text_en: str
    open_cents: int
    held_cents: int
    offset_cents: int


async def decisions_of(conn: Connection, account_id: int, claim_id: int, limit: int = 200) -> list[GivenDecision]:
    """The decisions on a claim, the newest first, at most `limit`."""
    rows = await conn.fetch(
        """select d.valid_from as decided_on, a.code, a.text_nl, a.text_en, d.open_cents, d.held_cents, d.offset_cents
           from decision d join decision_answer a using (answer)
           where d.account_id = $1 and d.claim_id = $2 order by d.valid_from desc limit $3""",
        *(account_id, claim_id, limit),
    )
    return [GivenDecision(**dict(row)) for row in rows]


class AccountInstruction(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An instruction for a whole running account; percentages as text. Null: as the policy says."""

    id: int
    mode: str | None
    percent: str | None
    fixed_cents: int | None
    cap_percent: str | None
    cap_cents: int | None
    floor_cents: int | None
    valid_from: date
    valid_until: date | None
    reason: str


_MODES = {0: "none", 1: "percentage", 2: "fixed", 3: "full"}


def _percent(basis_points: int | None) -> str | None:
    return None if basis_points is None else f"{basis_points // 100}.{basis_points % 100:02d}"


async def account_instructions(
    conn: Connection, account_id: int, *, after: tuple[date, int] | None, limit: int
) -> list[AccountInstruction]:
    """Instructions for the whole running account in the order in which they win: newest first day, then newest."""
    rows = await conn.fetch(
        """select instruction_id, mode, basis_points, fixed_cents, cap_basis_points, cap_cents, floor_cents,
             valid_from, valid_until, reason
           from offset_instruction where account_id = $1 and claim_id is null
             and ($2::date is null or (valid_from, instruction_id) < ($2, $3::bigint))
           order by valid_from desc, instruction_id desc limit $4""",
        *(account_id, *(after or (None, None)), limit),
    )
    return [
        AccountInstruction(
            id=row["instruction_id"],
            mode=_MODES.get(row["mode"]),
            percent=_percent(row["basis_points"]),
            cap_percent=_percent(row["cap_basis_points"]),
            **{name: row[name] for name in ("fixed_cents", "cap_cents", "floor_cents", "valid_from", "valid_until")},
            reason=row["reason"],
        )
        for row in rows
    ]
