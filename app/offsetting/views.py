"""What the API and the pages show of offsets: lines, one with its reversals, decisions, instructions, agreements."""

from datetime import date
from typing import Any

import msgspec

from app.core.db import Connection
from app.core.ids import declaration_reference, offset_reference, payout_number
from app.web.words import day, gettext

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


class Agreement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Declarations of the payer pay what the debtor owes, until and with `validUntil`, and no longer from `endedOn` on.

    `takenOverCents` went from the debtor's claims to the payer's, `givenBackCents` of that came back. These, and who
    the debtor is, are null where it is of a risk carrier that is not the caller's.
    """

    id: int
    number: str
    payer_risk_carrier: str
    payer_provider: str
    payer_name: str
    debtor_risk_carrier: str | None
    debtor_provider: str | None
    debtor_name: str | None
    reason_code: str
    evidence: str
    reason: str
    valid_from: date
    valid_until: date | None
    ended_on: date | None
    end_reason: str | None
    taken_over_cents: int | None
    given_back_cents: int | None


def agreement_state(each: Agreement, today: date) -> tuple[str, str]:
    """Whether an agreement holds on a day: the kind of its sign, and its word in the language at hand."""
    if each.ended_on is not None and each.ended_on <= today:
        return "quiet", gettext("beëindigd")
    if each.valid_until is not None and each.valid_until < today:
        return "quiet", gettext("voorbij")
    if each.valid_from > today:
        return "busy", gettext("gaat nog in")
    if each.ended_on is not None:
        return "warn", gettext("eindigt op %(date)s", date=day(each.ended_on))
    return "good", gettext("geldt")


_AGREEMENTS = """
select g.agreement_id as id, g.number, pc.code as payer_risk_carrier, pv.number as payer_provider,
  pv.name as payer_name, dc.code as debtor_risk_carrier, dv.number as debtor_provider, dv.name as debtor_name,
  rc.code as reason_code, g.evidence, g.reason, g.valid_from, g.valid_until, g.ended_on, g.end_reason,
  case when da.account_id is not null then coalesce(m.taken_cents, 0) end as taken_over_cents,
  case when da.account_id is not null then coalesce(m.returned_cents, 0) end as given_back_cents
from offset_agreement g
  join risk_carrier pc on pc.risk_carrier_id = g.risk_carrier_id
  join running_account pa on pa.account_id = g.account_id join provider pv on pv.provider_id = pa.provider_id
  join reason_code rc on rc.reason_id = g.reason_id
  left join running_account da on da.account_id = g.debtor_account_id
  left join provider dv on dv.provider_id = da.provider_id
  left join risk_carrier dc on dc.risk_carrier_id = da.risk_carrier_id
  left join lateral (select sum(t.cents)::bigint as taken_cents, sum(x.cents)::bigint as returned_cents
    from takeover t left join lateral (select sum(b.cents)::bigint as cents from takeover_return b
      where b.account_id = t.account_id and b.claim_id = t.claim_id and b.takeover_id = t.takeover_id) x on true
    where t.account_id = g.debtor_account_id and t.agreement_id = g.agreement_id) m on true
where ($1::bigint is null or g.account_id = $1 or g.debtor_account_id = $1)
  and ($2::bigint is null or g.agreement_id = $2)
  and ($3::date is null or (g.valid_from, g.agreement_id) < ($3, $4::bigint))
order by g.valid_from desc, g.agreement_id desc limit $5
"""


async def agreements_of(
    conn: Connection, account_id: int, *, after: tuple[date, int] | None = None, limit: int
) -> list[Agreement]:
    """Agreements in which a running account pays or owes, newest first day first."""
    rows = await conn.fetch(_AGREEMENTS, account_id, None, *(after or (None, None)), limit)
    return [Agreement(**dict(row)) for row in rows]


async def find_agreement(conn: Connection, agreement_id: int) -> Agreement | None:
    """One agreement; None when there is none whose payer is of a risk carrier of the caller."""
    row = await conn.fetchrow(_AGREEMENTS, None, agreement_id, None, None, 1)
    return None if row is None else Agreement(**dict(row))


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What one night took over of one claim; claims by reference, null where they are not the reader's to see."""

    id: int
    taken_on: date
    claim: str | None
    payer_claim: str | None
    cents: int
    given_back_cents: int


async def moved_under(conn: Connection, agreement_id: int, *, after: int | None = None, limit: int) -> list[Moved]:
    """What was taken over under an agreement, newest first."""
    rows = await conn.fetch(
        """select t.takeover_id as id, t.taken_on, c.reference as claim, k.reference as payer_claim, t.cents,
             coalesce((select sum(b.cents)::bigint from takeover_return b where b.account_id = t.account_id
               and b.claim_id = t.claim_id and b.takeover_id = t.takeover_id), 0) as given_back_cents
           from offset_agreement g
             join takeover t on t.account_id = g.debtor_account_id and t.agreement_id = g.agreement_id
             left join claim c on c.account_id = t.account_id and c.claim_id = t.claim_id
             left join claim k on k.account_id = t.payer_account_id and k.claim_id = t.takeover_id
           where g.agreement_id = $1 and ($2::bigint is null or t.takeover_id < $2)
           order by t.takeover_id desc limit $3""",
        *(agreement_id, after, limit),
    )
    return [Moved(**dict(row)) for row in rows]


class FitReason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason code under which something may be taken over: quiet, offset at once and in full."""

    code: str
    title_nl: str
    title_en: str


async def fit_reasons(conn: Connection, account_id: int, on: date) -> list[FitReason]:
    """The reason codes that fit an agreement in the policy of a payer's risk carrier on a day; first those
    that never become a letter."""
    rows = await conn.fetch(
        """select r.code, p.title_nl, p.title_en from running_account a
             join reason_policy p on p.policy_version_id = (select v.policy_version_id from policy_version v
               where v.risk_carrier_id = a.risk_carrier_id and v.valid_from <= $2
               order by v.valid_from desc, v.version desc limit 1)
             join reason_code r on r.reason_id = p.reason_id
           where a.account_id = $1 and p.quiet and p.offset_mode = 3 and p.offset_start = 1
           order by p.matures_days is not null, p.priority desc, r.code""",
        *(account_id, on),
    )
    return [FitReason(**dict(row)) for row in rows]
