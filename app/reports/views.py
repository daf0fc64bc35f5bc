"""What the API and the pages show of running accounts, entries and references; and the insight pages. Reads only.

What is open by age on any day (RP-1) and what became of what was claimed (RP-2) are sums of postings: an age of
the past is what is open now less what was booked since.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from app.core.db import Connection
from app.core.ids import payout_number
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
from app.web.words import marked

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


AGES: Sequence[tuple[int, str]] = (
    (0, marked("nog niet vervallen")),
    (30, marked("1–30 dagen")),
    (60, marked("31–60 dagen")),
    (90, marked("61–90 dagen")),
    (180, marked("91–180 dagen")),
    (365, marked("181–365 dagen")),
    (1_000_000, marked("meer dan 365 dagen")),
)
"""The columns of an ageing: up to and including so many days after the due date, and what it is called."""


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """What is open of one age, in cents."""

    text: str
    claims: int
    cents: int


class Ageing(msgspec.Struct, frozen=True, kw_only=True):
    """What providers owe a risk carrier on a day, by age; `cents` is the ledger's balance of its claims that day."""

    code: str
    ages: list[Age]
    claims: int
    cents: int


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was claimed under a reason code, in cents; all but the first add up to `claimed_cents`."""

    code: str
    reason: str
    title_nl: str
    title_en: str
    claims: int
    claimed_cents: int
    paid_cents: int
    offset_cents: int
    withdrawn_cents: int
    written_off_cents: int
    disputed_cents: int
    agency_cents: int
    open_cents: int

    @property
    def parts(self) -> list[tuple[int, str]]:
        """Cents and colour of each part, in the order of the legend."""
        cents = (
            self.paid_cents, self.offset_cents, self.withdrawn_cents, self.written_off_cents, self.disputed_cents,
            self.agency_cents, self.open_cents,
        )  # fmt: skip
        return [(each, str(colour)) for colour, each in enumerate(cents, 1)]


# Ledger accounts 2, 3, 4: claims principal, costs, interest. The due date is the one that held on the day.
_OPEN = """
with later as (
  select p.account_id, p.claim_id,
    sum(case when p.debit in (2, 3, 4) then p.cents else 0 end
      - case when p.credit in (2, 3, 4) then p.cents else 0 end)::bigint as cents
  from posting p where p.booking_date > $1 and p.claim_id is not null group by p.account_id, p.claim_id),
changed as (
  select distinct on (x.account_id, x.claim_id) x.account_id, x.claim_id, x.due_date from (
    select account_id, claim_id, changed_on as on_date, change_id as nth, new_due_date as due_date from claim_due_date
    union all select account_id, claim_id, matured_on, 0, due_date from claim_maturity) x
  where x.on_date <= $1 order by x.account_id, x.claim_id, x.on_date desc, x.nth desc),
standing as (
  select k.risk_carrier_id, coalesce(n.due_date, f.due_date) as due_date,
    k.open_principal_cents + k.open_costs_cents + k.open_interest_cents - coalesce(l.cents, 0) as cents
  from claim_position k join claim f on f.account_id = k.account_id and f.claim_id = k.claim_id
    left join later l on l.account_id = k.account_id and l.claim_id = k.claim_id
    left join changed n on n.account_id = k.account_id and n.claim_id = k.claim_id
  where l.cents is not null or k.open_principal_cents + k.open_costs_cents + k.open_interest_cents > 0)
select c.code, s.due_date, count(*) as claims, sum(s.cents)::bigint as cents
from standing s join risk_carrier c using (risk_carrier_id) where s.cents <> 0
group by c.code, s.due_date order by c.code, s.due_date
"""
_FUNNEL = """
with moved as (
  select p.account_id, p.claim_id,
    sum(case when p.kind in (7, 8, 9, 10, 20, 21, 23) then p.cents else 0 end)::bigint as claimed,
    sum(case when p.kind in (11, 12, 13, 15, 16, 17, 18) then p.cents when p.kind in (34, 35, 36) then -p.cents
      else 0 end)::bigint as paid,
    sum(case when p.kind in (2, 3, 4) then p.cents when p.kind in (30, 31, 32) then -p.cents else 0 end)::bigint
      as offset_cents,
    sum(case when p.kind in (22, 27, 28) then p.cents else 0 end)::bigint as withdrawn,
    sum(case when p.kind in (24, 25, 26) then p.cents else 0 end)::bigint as written_off
  from posting p where p.claim_id is not null group by p.account_id, p.claim_id),
held as (
  select h.account_id, h.claim_id,
    sum(case when h.kind = 1 then coalesce(h.cents, 1000000000000) else 0 end)::bigint as disputed,
    sum(case when h.kind = 4 then coalesce(h.cents, 1000000000000) else 0 end)::bigint as agency
  from hold h where h.active and h.claim_id is not null and h.kind in (1, 4) group by h.account_id, h.claim_id),
standing as (
  select k.risk_carrier_id, k.reason_id, m.*, coalesce(h.disputed, 0) as in_dispute, coalesce(h.agency, 0) as at_agency,
    m.claimed - m.paid - m.offset_cents - m.withdrawn - m.written_off as still_open
  from moved m join claim_position k on k.account_id = m.account_id and k.claim_id = m.claim_id
    left join held h on h.account_id = m.account_id and h.claim_id = m.claim_id),
split as (
  select s.*, least(s.still_open, s.at_agency) as agency,
    least(s.still_open - least(s.still_open, s.at_agency), s.in_dispute) as disputed from standing s)
select c.code, r.code as reason, t.title_nl, t.title_en, count(*) as claims, sum(s.claimed)::bigint as claimed_cents,
  sum(s.paid)::bigint as paid_cents, sum(s.offset_cents)::bigint as offset_cents,
  sum(s.withdrawn)::bigint as withdrawn_cents, sum(s.written_off)::bigint as written_off_cents,
  sum(s.disputed)::bigint as disputed_cents, sum(s.agency)::bigint as agency_cents,
  sum(s.still_open - s.agency - s.disputed)::bigint as open_cents
from split s join risk_carrier c using (risk_carrier_id) join reason_code r on r.reason_id = s.reason_id
  left join lateral (
    select p.title_nl, p.title_en from reason_policy p join policy_version v using (policy_version_id)
    where p.reason_id = s.reason_id order by v.valid_from desc, v.version desc limit 1) t on true
group by c.code, r.code, t.title_nl, t.title_en order by c.code, sum(s.claimed) desc, r.code
"""


async def ageing(connection: Connection, on: date) -> list[Ageing]:
    """What was open at the end of that day per risk carrier, by age; booked up to and including it."""
    return by_age(await connection.fetch(_OPEN, on), on)


def by_age(rows: Iterable[Any], on: date) -> list[Ageing]:
    """Rows (code, due_date, claims, cents) by age on that day: a claim is due from the day after its due date on."""
    found: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0] for _ in AGES])
    for row in rows:
        late = max((on - row["due_date"]).days, 0)
        place = next(place for place, (most, _) in enumerate(AGES) if late <= most)
        found[row["code"]][place][0] += row["claims"]
        found[row["code"]][place][1] += row["cents"]
    return [
        Ageing(
            code=code,
            ages=[Age(text=text, claims=n, cents=cents) for (_, text), (n, cents) in zip(AGES, ages, strict=True)],
            claims=sum(n for n, _ in ages),
            cents=sum(cents for _, cents in ages),
        )
        for code, ages in found.items()
    ]


async def funnel(connection: Connection) -> list[Funnel]:
    """Per risk carrier and reason code what was claimed and what became of it, as it stands now; the largest first."""
    rows = [dict(row) for row in await connection.fetch(_FUNNEL)]
    return [
        Funnel(**{**row, "title_nl": row["title_nl"] or row["reason"], "title_en": row["title_en"] or row["reason"]})
        for row in rows
    ]
