"""What the insight pages read: what is open by age on any day (RP-1), and what became of what was claimed (RP-2).

Both are sums of postings: an age of the past is what is open now less what was booked since.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from app.core.db import Connection
from app.web.words import marked

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
