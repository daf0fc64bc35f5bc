"""What the API and the pages show of payouts: lists, one, its lines with references that lead on. Reads only."""

from datetime import date
from typing import Any

import msgspec

from app.core.db import Connection
from app.core.ids import declaration_reference, offset_reference, payout_number
from app.payouts.model import PayoutDetail, PayoutState, PayoutSummary, Redirection

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


STATES: dict[int, PayoutState] = {0: "nothing-to-pay", 1: "held", 2: "ready", 3: "sent", 4: "confirmed"}


class PayoutFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which payouts; what is None is not asked. Days are first and last business date."""

    risk_carrier: str | None
    accounts: list[int] | None
    state: PayoutState | None
    first: date | None
    last: date | None


async def list_payouts(
    connection: Connection, wanted: PayoutFilter, *, before: int | None, limit: int
) -> list[tuple[int, PayoutSummary]]:
    """Payouts with their ids, the newest first, from the one before `before`; at most `limit`."""
    state = None if wanted.state is None else next(number for number, name in STATES.items() if name == wanted.state)
    rows = await connection.fetch(
        """
        select y.payout_id, y.business_date, y.declarations, y.offset_cents, y.net_cents, s.state,
          y.declared_cents + y.returned_cents + y.advance_cents as gross_cents, c.code as risk_carrier,
          p.number as provider_number, p.name as provider
        from payout y
          join risk_carrier c on c.risk_carrier_id = y.risk_carrier_id
          join running_account a on a.account_id = y.account_id
          join provider p on p.provider_id = a.provider_id
          left join payment_instruction i on (i.account_id, i.payout_id) = (y.account_id, y.payout_id)
          left join payout_confirmation f on (f.account_id, f.payout_id) = (y.account_id, y.payout_id)
          cross join lateral (select case when y.net_cents = 0 then 0 when f.payout_id is not null then 4
                                when i.payout_id is not null then 3 when y.held <> 0 then 1 else 2 end as state) s
        where ($1::text is null or c.code = $1) and ($2::bigint[] is null or y.account_id = any ($2))
          and ($3::int is null or s.state = $3) and ($4::date is null or y.business_date >= $4)
          and ($5::date is null or y.business_date <= $5) and ($6::bigint is null or y.payout_id < $6)
        order by y.payout_id desc
        limit $7
        """,
        wanted.risk_carrier,
        wanted.accounts,
        state,
        wanted.first,
        wanted.last,
        before,
        limit,
    )
    return [
        (
            row["payout_id"],
            PayoutSummary(
                number=payout_number(row["payout_id"], row["business_date"].year),
                risk_carrier=row["risk_carrier"],
                provider_number=row["provider_number"],
                provider=row["provider"],
                business_date=row["business_date"],
                state=STATES[row["state"]],
                declarations=row["declarations"],
                gross_cents=row["gross_cents"],
                offset_cents=row["offset_cents"],
                net_cents=row["net_cents"],
            ),
        )
        for row in rows
    ]


async def read_payout(connection: Connection, payout_id: int) -> PayoutDetail | None:
    """A payout with where it goes, why it waits, and what the bank was told and said; None when there is none."""
    row = await connection.fetchrow(
        """
        select y.*, r.payment_date, c.code as risk_carrier, p.number as provider_number, p.name as provider,
          n.iban, n.holder_name, m.message_id, m.execution_date, f.confirmed_on,
          case when y.net_cents = 0 then 0 when f.payout_id is not null then 4 when i.payout_id is not null then 3
            when y.held <> 0 then 1 else 2 end as state,
          array(select h.reason from hold h where h.account_id = y.account_id and h.claim_id is null and h.for_payout
                  and h.ended_on is null and y.held <> 0 order by h.hold_id) as holds,
          array(select o.incident_id from incident o where o.account_id = y.account_id and o.resolved_at is null
                  and y.held <> 0 order by o.incident_id) as incidents,
          (select coalesce(jsonb_agg(jsonb_build_object('decidedOn', v.decided_on, 'iban', t.iban, 'reason', v.reason)
                    order by v.redirection_id), '[]')
           from payout_redirection v join payee_iban t using (iban_id)
           where (v.account_id, v.payout_id) = (y.account_id, y.payout_id)) as redirections
        from payout y
          join run r using (run_id)
          join risk_carrier c on c.risk_carrier_id = y.risk_carrier_id
          join running_account a on a.account_id = y.account_id
          join provider p on p.provider_id = a.provider_id
          left join redirected_payout w on (w.account_id, w.payout_id) = (y.account_id, y.payout_id)
          join payee_iban n on n.iban_id = coalesce(w.iban_id, y.iban_id)
          left join payment_instruction i on (i.account_id, i.payout_id) = (y.account_id, y.payout_id)
          left join payment_file m on m.payment_file_id = i.payment_file_id
          left join payout_confirmation f on (f.account_id, f.payout_id) = (y.account_id, y.payout_id)
        where y.payout_id = $1
        """,
        payout_id,
    )
    if row is None:
        return None
    same = ("risk_carrier", "provider_number", "provider", "business_date", "payment_date", "iban", "holder_name",
            "message_id", "execution_date", "confirmed_on", "declarations", "declared_cents", "returned_cents",
            "advance_cents", "offset_cents", "net_cents")  # fmt: skip
    return PayoutDetail(
        number=payout_number(row["payout_id"], row["business_date"].year),
        state=STATES[row["state"]],
        gross_cents=row["declared_cents"] + row["returned_cents"] + row["advance_cents"],
        holds=list(row["holds"]),
        incidents=list(row["incidents"]),
        redirections=msgspec.convert(row["redirections"], list[Redirection]),
        **{name: row[name] for name in same},
    )
