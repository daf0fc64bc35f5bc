"""What the API shows of payments: those of a provider, and one with the claims that got it. Reads only."""

from datetime import date
from typing import Any

import msgspec

from app.core.db import Connection, plan_for_values
from app.ledger import AccountRange


class Payment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A payment of a provider; `onAccountCents` is what no claim has got of it yet."""

    id: int
    risk_carrier: str
    provider: str
    received_on: date
    recorded_on: date
    cents: int
    on_account_cents: int
    reference: str | None


class PaidClaim(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a claim got of a payment, per component; `allocation`: given later, out of what was on account."""

    claim: str
    principal_cents: int
    costs_cents: int
    interest_cents: int
    allocation: int | None


class PaymentDetail(Payment, frozen=True, kw_only=True):
    """A payment with the claims that got it, at most 1,000 of them."""

    claims: list[PaidClaim]


_PAYMENTS = """
select w.account_id, w.payment_id as id, r.code as risk_carrier, v.number as provider, w.received_on, w.recorded_on,
  w.cents, w.reference,
  (coalesce((select sum(p.cents) from posting p where p.account_id = w.account_id and p.event_id = w.payment_id
      and p.kind = 14), 0)
    - coalesce((select sum(a.cents) from allocation a where a.account_id = w.account_id
      and a.payment_id = w.payment_id), 0))::bigint as on_account_cents
from (select * from payment m
  where (m.account_id, m.payment_id) > ($1, $2) and m.account_id between $3 and $4
    and ($5::bigint[] is null or m.account_id = any ($5::bigint[]))
    and ($6::smallint is null or m.risk_carrier_id = $6)
    and ($7::date is null or m.received_on >= $7) and ($8::date is null or m.received_on <= $8)
  order by m.account_id, m.payment_id limit $9) w
join risk_carrier r on r.risk_carrier_id = w.risk_carrier_id
cross join lateral (select x.number from running_account a join provider x using (provider_id)
  where a.account_id = w.account_id offset 0) v
order by w.account_id, w.payment_id
"""
_CLAIMS = """
select c.reference as claim, g.allocation,
  coalesce(sum(p.cents) filter (where p.credit = 2), 0)::bigint as principal_cents,
  coalesce(sum(p.cents) filter (where p.credit = 3), 0)::bigint as costs_cents,
  coalesce(sum(p.cents) filter (where p.credit = 4), 0)::bigint as interest_cents
from (select $2::bigint as event_id, null::bigint as allocation
  union all select a.allocation_id, a.allocation_id from allocation a where a.account_id = $1 and a.payment_id = $2) g
join posting p on p.account_id = $1 and p.event_id = g.event_id and p.kind in (11, 12, 13, 15, 16, 17, 18)
join claim c on c.account_id = $1 and c.claim_id = p.claim_id
group by c.reference, g.allocation, g.event_id order by g.event_id, c.reference limit 1000
"""


async def list_payments(
    conn: Connection,
    among: AccountRange,
    *,
    first: date | None,
    last: date | None,
    after: tuple[int, int],
    limit: int,
) -> tuple[list[Payment], tuple[int, int] | None]:
    """A page in order of running account and booking, and the place after it (None: that was all)."""
    await plan_for_values(conn)
    rows = await conn.fetch(
        _PAYMENTS,
        *(*after, among.low, among.high, among.accounts, among.risk_carrier_id, first, last, limit + 1),
    )
    shown = rows[:limit]
    following = (shown[-1]["account_id"], shown[-1]["id"]) if len(rows) > limit else None
    return [Payment(**_fields(row)) for row in shown], following


def _fields(row: Any) -> dict[str, Any]:
    return {field: row[field] for field in Payment.__struct_fields__}


async def payment_detail(conn: Connection, account_id: int, payment_id: int) -> PaymentDetail:
    """One payment of a running account that has it."""
    (row,) = await conn.fetch(
        _PAYMENTS, *(account_id, payment_id - 1, account_id, account_id, (account_id,), None, None, None, 1)
    )
    claims = [PaidClaim(**dict(each)) for each in await conn.fetch(_CLAIMS, account_id, payment_id)]
    return PaymentDetail(**_fields(row), claims=claims)
