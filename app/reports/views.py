"""What the API and the pages show of running accounts, entries and references. Reads only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from app.core.db import Connection
from app.core.ids import parse_declaration_reference, parse_offset_reference, payout_number
from app.ledger import LedgerAccount, PostingKind, balances, pending
from app.reports.model import (
    AccountFilter,
    Balances,
    Entry,
    EntryFilter,
    LedgerBalance,
    PendingMoney,
    Reference,
    RunningAccount,
    RunningAccountDetail,
)

Row = Any
EntryKey = tuple[int, int, int, date]  # fact, kind, line, booking date: the order of the key, and of the list
KIND_CODES = {kind: kind.name.lower().replace("_", "-") for kind in PostingKind}
LEDGER_CODES = {each: each.name.lower().replace("_", "-") for each in LedgerAccount}


async def list_accounts(
    connection: Connection, wanted: AccountFilter, *, after: int | None, limit: int
) -> list[RunningAccount]:
    """Running accounts in order of id after `after`, at most `limit`."""
    rows = await connection.fetch(
        """
        select a.account_id, c.code as risk_carrier, p.number as provider_number, p.name as provider, a.opened_on
        from running_account a join risk_carrier c using (risk_carrier_id) join provider p using (provider_id)
        where ($1::text is null or c.code = $1) and ($2::text is null or p.number = $2)
          and ($3::bigint is null or a.account_id > $3)
        order by a.account_id
        limit $4
        """,
        wanted.risk_carrier,
        wanted.provider,
        after,
        limit,
    )
    return [RunningAccount(**dict(row)) for row in rows]


async def find_account(connection: Connection, risk_carrier: str, provider: str) -> RunningAccount | None:
    """The running account of a risk carrier (code) and a provider (number); None when there is none."""
    found = await list_accounts(
        connection, AccountFilter(risk_carrier=risk_carrier, provider=provider), after=None, limit=1
    )
    return found[0] if found else None


async def account_detail(
    connection: Connection, account: RunningAccount, *, on: date, known_at: datetime
) -> RunningAccountDetail:
    """The balances that held on a day as it was known at a moment, per ledger account and per side; and what waits."""
    held = await balances(connection, account.account_id, effective=on, recorded=known_at)
    names = await connection.fetch("select ledger_account_id, name_nl from ledger_account")
    waits = await pending(connection, account.account_id)
    payable = -held.get(LedgerAccount.PAYABLE_TO_PROVIDER, 0)
    claims = sum(
        held.get(each, 0)
        for each in (LedgerAccount.CLAIMS_PRINCIPAL, LedgerAccount.CLAIMS_COSTS, LedgerAccount.CLAIMS_INTEREST)
    )
    on_account = -held.get(LedgerAccount.SUSPENSE, 0)
    dutch = {row["ledger_account_id"]: row["name_nl"] for row in names}
    return RunningAccountDetail(
        **{name: getattr(account, name) for name in account.__struct_fields__},
        on_date=on,
        known_at=known_at,
        balances=Balances(
            payable_cents=payable,
            claims_cents=claims,
            on_account_cents=on_account,
            balance_cents=payable + on_account - claims,
        ),
        ledger_accounts=[
            LedgerBalance(code=LEDGER_CODES[each], name_nl=dutch[each], debit_balance_cents=cents)
            for each, cents in held.items()
        ],
        pending_now=PendingMoney(
            declarations_cents=waits.declarations,
            returned_offsets_cents=waits.returned_offsets,
            advances_cents=waits.advances,
            payouts_unconfirmed_cents=waits.payouts_unconfirmed,
            held_cents=waits.held,
        ),
    )


async def list_entries(
    connection: Connection, account_id: int, wanted: EntryFilter, *, after: EntryKey | None, limit: int
) -> list[Entry]:
    """Postings of a running account in the order of their key after `after`, at most `limit`."""
    rows = await connection.fetch(
        """
        select p.*, c.reference as claim_reference, d.number as declaration_number, y.business_date as payout_date
        from posting p
          left join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
          left join declaration d on d.account_id = p.account_id
            and d.declaration_id = case when p.kind between 1 and 4 then p.event_id
                                        when p.kind between 30 and 33 then p.reverses_event_id end
          left join payout y on y.account_id = p.account_id and y.payout_id = p.payout_id
        where p.account_id = $1
          and ($2::bigint is null or (p.event_id, p.kind, p.line, p.booking_date)
            > ($2::bigint, $3::smallint, $4::int, $5::date))
          and ($6::date is null or p.booking_date >= $6) and ($7::date is null or p.booking_date <= $7)
          and ($8::smallint is null or p.kind = $8) and ($9::bigint is null or p.claim_id = $9)
          and ($10::int[] is null or c.agb_id = any ($10) or d.agb_id = any ($10))
        order by p.event_id, p.kind, p.line, p.booking_date
        limit $11
        """,
        account_id,
        *(after or (None, None, None, None)),
        wanted.first,
        wanted.last,
        None if wanted.kind is None else next(kind for kind, code in KIND_CODES.items() if code == wanted.kind),
        wanted.claim_id,
        wanted.agb_ids,
        limit,
    )
    return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    payout = None if row["payout_id"] is None else payout_number(row["payout_id"], row["payout_date"].year)
    return Entry(
        fact=row["event_id"],
        kind=KIND_CODES[PostingKind(row["kind"])],
        line=row["line"],
        booking_date=row["booking_date"],
        value_date=row["effective_date"],
        recorded_at=row["recorded_at"],
        debit=LEDGER_CODES[LedgerAccount(row["debit"])],
        credit=LEDGER_CODES[LedgerAccount(row["credit"])],
        cents=row["cents"],
        claim_reference=row["claim_reference"],
        declaration_number=row["declaration_number"],
        payout_number=payout,
        open_after_cents=row["open_after_cents"],
        reverses_fact=row["reverses_event_id"],
    )


def entry_key(entry: Entry) -> EntryKey:
    """The place of an entry in the list."""
    kind = next(kind for kind, code in KIND_CODES.items() if code == entry.kind)
    return entry.fact, int(kind), entry.line, entry.booking_date


async def agb_ids(connection: Connection, account_id: int, agb: str) -> list[int] | None:
    """Registrations of an AGB code with the provider of a running account; None when it never had the code."""
    found: list[int] | None = await connection.fetchval(
        """
        select array_agg(a.agb_id) from agb_registration a join running_account r using (provider_id)
        where r.account_id = $1 and a.agb = $2
        """,
        account_id,
        agb,
    )
    return found


async def claim_of(connection: Connection, account_id: int, reference: str) -> int | None:
    """The claim of a running account that a reference (present or old) names; None when there is none."""
    found: int | None = await connection.fetchval(
        "select claim_id from claim_reference where reference = $1 and account_id = $2", reference, account_id
    )
    return found


async def find_references(connection: Connection, text: str, numbers: Sequence[int]) -> list[Reference]:
    """Everything that a number leads to: a claim's or payment reference, a payout, a declaration, a source's own id.

    `numbers`: the payout id that the text would be, if any.
    """
    rows = await connection.fetch(
        """
        with found as (
          select 'claim-reference' as kind, account_id, claim_id as fact_id from claim_reference where reference = $1
          union all select 'payment-reference', account_id, claim_id from payment_reference_claim where reference = $1
          union all select 'payout', account_id, payout_id from payout where payout_id = any ($2)
            and human_reference('AFR', payout_id, extract(year from business_date)::int) = $1
          union all select case kind when 1 then 'declaration' else 'claim-source' end, account_id, fact_id
            from source_key where source_id = $1 and kind between 1 and 4
              and risk_carrier_id = any ((select seen_risk_carriers())::int[]))
        select f.kind, c.code as risk_carrier, p.number as provider_number, k.reference as claim_reference,
          d.number as declaration_number, y.payout_id, y.business_date, n.issued_on, n.document
        from found f
          join running_account a using (account_id)
          join risk_carrier c on c.risk_carrier_id = a.risk_carrier_id
          join provider p on p.provider_id = a.provider_id
          left join claim k on f.kind in ('claim-reference', 'payment-reference', 'claim-source')
            and k.account_id = f.account_id and k.claim_id = f.fact_id
          left join declaration d on f.kind = 'declaration' and d.account_id = f.account_id
            and d.declaration_id = f.fact_id
          left join payout y on f.kind = 'payout' and y.account_id = f.account_id and y.payout_id = f.fact_id
          left join payment_reference n on f.kind = 'payment-reference' and n.reference = $1
        order by f.kind, c.code, k.reference, f.fact_id
        limit 200
        """,
        text,
        numbers,
    )
    return [
        Reference(
            kind=row["kind"],
            risk_carrier=row["risk_carrier"],
            provider_number=row["provider_number"],
            claim_reference=row["claim_reference"],
            declaration_number=row["declaration_number"],
            payout_number=None
            if row["payout_id"] is None
            else payout_number(row["payout_id"], row["business_date"].year),
            issued_on=row["issued_on"] or row["business_date"],
            document=row["document"],
        )
        for row in rows
    ]


_COMPOUND = """
select c.code as risk_carrier, p.number as provider_number, k.reference as claim_reference,
  d.number as declaration_number
from declaration d
  join running_account a using (account_id)
  join risk_carrier c on c.risk_carrier_id = d.risk_carrier_id
  join provider p on p.provider_id = a.provider_id
  left join posting o on $3::int is not null and o.account_id = $1 and o.event_id = $2 and o.kind between 2 and 4
    and o.line = $3
  left join claim k on k.account_id = $1 and k.claim_id = o.claim_id
where d.account_id = $1 and d.declaration_id = $2 and ($3::int is null or o.line is not null)
"""


async def find_compound(connection: Connection, text: str) -> list[Reference]:
    """What a declaration's (DEC-…) or an offset's reference (VRK-…) leads to, which hold their own key; else nothing.

    An offset leads to its declaration and its claim.
    """
    offset = parse_offset_reference(text)
    key = offset or parse_declaration_reference(text)
    if key is None:
        return []
    rows = await connection.fetch(_COMPOUND, key[0], key[1], None if offset is None else offset[2])
    return [
        Reference(
            kind="declaration" if offset is None else "offset",
            **dict(row),
            payout_number=None,
            issued_on=None,
            document=None,
        )
        for row in rows
    ]
