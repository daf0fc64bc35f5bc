"""What the page of a payout shows of its lines, as references that lead on. Reads only, never commits."""

from typing import Any

import msgspec

from app.core.db import Connection
from app.core.ids import declaration_reference, offset_reference

SHOWN = 200
"""Lines of each table; a payout may have 100,000, and its specification has them all."""


class ShownOffset(msgspec.Struct, frozen=True, kw_only=True):
    """What one declaration gave to one claim: `cents` above 0, and what was open of the claim around it.

    `component` is the kind of the posting: 2 principal, 3 costs, 4 interest.
    """

    reference: str
    declaration: str
    declaration_number: str
    claim_reference: str
    claim_number: str | None
    claim_kind: int
    reason_code: str
    reason: str
    component: int
    matched_by: int | None
    cents: int
    open_before_cents: int
    open_after_cents: int

    @property
    def claim_name(self) -> str:
        """What people call the claim."""
        return self.claim_number or self.claim_reference


class ShownDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration of the payout: awarded less offset is paid."""

    reference: str
    number: str
    invoice_number: str | None
    agb: str
    awarded_cents: int
    offset_cents: int

    @property
    def paid_cents(self) -> int:
        """What the provider gets of it."""
        return self.awarded_cents - self.offset_cents


class ShownOther(msgspec.Struct, frozen=True, kw_only=True):
    """What was added besides declarations: an offset that was given back, or an advance. Paid in full."""

    returned: bool
    cents: int
    reason: str | None
    claim_reference: str
    claim_number: str | None


class PayoutLines(msgspec.Struct, frozen=True, kw_only=True):
    """The totals of a payout and the first lines of each table; amounts in cents, all 0 or above."""

    declared_cents: int
    returned_cents: int
    advance_cents: int
    offset_cents: int
    net_cents: int
    declarations: list[ShownDeclaration]
    declaration_count: int
    offsets: list[ShownOffset]
    offset_count: int
    others: list[ShownOther]

    @property
    def gross_cents(self) -> int:
        """What there was before anything was offset."""
        return self.declared_cents + self.returned_cents + self.advance_cents


_HEAD = """
select y.*, r.policy_version_id from payout y join run r using (run_id) where y.payout_id = $1
"""
# the night booked a payout on one date, between its first and last entry: a range of one partition's key
_COUNTS = """
select count(*) filter (where p.kind = 1) as settled, count(*) filter (where p.kind > 1) as offsets
from posting p where p.account_id = $1 and p.booking_date = $2 and p.event_id between $3 and $4 and p.payout_id = $5
  and p.kind between 1 and 4
"""
_OFFSETS = """
select p.event_id, p.kind, p.line, p.cents, p.pass, p.open_after_cents, d.number as declaration_number,
  c.kind as claim_kind, c.reference as claim_reference, c.number as claim_number, rc.code as reason_code,
  coalesce(rp.title_nl, rc.code) as reason
from posting p
  join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
  join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  left join claim_maturity m on (m.account_id, m.claim_id) = (c.account_id, c.claim_id)
    and m.matured_on <= p.booking_date
  join reason_code rc on rc.reason_id = coalesce(m.to_reason_id, c.reason_id)
  left join reason_policy rp on rp.policy_version_id = $6 and rp.reason_id = rc.reason_id
where p.account_id = $1 and p.booking_date = $2 and p.event_id between $3 and $4 and p.payout_id = $5
  and p.kind between 2 and 4
order by p.event_id, p.line limit $7
"""
_SETTLED = """
select p.event_id, p.cents, d.number, d.invoice_number, a.agb,
  coalesce((select sum(x.cents) from posting x where x.account_id = p.account_id and x.event_id = p.event_id
    and x.booking_date = p.booking_date and x.kind between 2 and 4), 0)::bigint as offset_cents
from posting p
  join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
  join agb_registration a on a.agb_id = d.agb_id
where p.account_id = $1 and p.booking_date = $2 and p.event_id between $3 and $4 and p.payout_id = $5 and p.kind = 1
order by p.event_id limit $6
"""
_OTHERS = """
select e.kind = 2 as returned, e.cents, v.reason, c.reference as claim_reference, c.number as claim_number
from payout_entry e
  left join offset_reversal v on (v.account_id, v.reversal_id) = (e.account_id, e.entry_id) and e.kind = 2
  join claim c on c.account_id = e.account_id
    and c.claim_id = case e.kind when 3 then e.entry_id else v.claim_id end
where e.account_id = $1 and e.entry_id between $2 and $3 and e.payout_id = $4 and e.kind in (2, 3)
order by e.entry_id limit $5
"""


async def payout_lines_shown(connection: Connection, payout_id: int) -> PayoutLines:
    """The lines of a payout that exists, each table from its beginning."""
    head = await connection.fetchrow(_HEAD, payout_id)
    assert head is not None, "read the payout first"
    account_id, entries = head["account_id"], (head["first_entry_id"], head["last_entry_id"])
    place = (account_id, head["business_date"], *entries, payout_id)
    counts = await connection.fetchrow(_COUNTS, *place)
    assert counts is not None
    offsets = await connection.fetch(_OFFSETS, *place, head["policy_version_id"], SHOWN)
    settled = await connection.fetch(_SETTLED, *place, SHOWN)
    others = await connection.fetch(_OTHERS, account_id, *entries, payout_id, SHOWN)
    return PayoutLines(
        **{f"{name}_cents": head[f"{name}_cents"] for name in ("declared", "returned", "advance", "offset", "net")},
        declarations=[_declaration(account_id, row) for row in settled],
        declaration_count=counts["settled"],
        offsets=[_offset(account_id, row) for row in offsets],
        offset_count=counts["offsets"],
        others=[ShownOther(**dict(row)) for row in others],
    )


def _declaration(account_id: int, row: Any) -> ShownDeclaration:
    return ShownDeclaration(
        reference=declaration_reference(account_id, row["event_id"]),
        awarded_cents=row["cents"],
        **{name: row[name] for name in ("number", "invoice_number", "agb", "offset_cents")},
    )


def _offset(account_id: int, row: Any) -> ShownOffset:
    same = ("declaration_number", "claim_reference", "claim_number", "claim_kind", "reason_code", "reason", "cents")
    after = row["open_after_cents"]
    return ShownOffset(
        reference=offset_reference(account_id, row["event_id"], row["line"]),
        declaration=declaration_reference(account_id, row["event_id"]),
        component=row["kind"],
        matched_by=row["pass"],
        # the open amount is of the principal: a line of costs or interest leaves it as it was
        open_before_cents=after + row["cents"] if row["kind"] == 2 else after,
        open_after_cents=after,
        **{name: row[name] for name in same},
    )
