"""Payouts as the API lists and shows them. Functions take a connection, see what its role sees, and never commit."""

from datetime import date

import msgspec

from app.core.db import Connection
from app.core.ids import payout_number
from app.payouts.model import PayoutDetail, PayoutState, PayoutSummary, Redirection

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
