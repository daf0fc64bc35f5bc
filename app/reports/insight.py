"""Insight: what is open by age on any day (RP-1), what became of what was claimed (RP-2), and the claims behind each.

All are sums of postings: an age of the past is what is open now less what was booked since. Reads only.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

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

PARTS: dict[str, str] = {
    "claimed": marked("Gevorderd"),
    "paid": marked("Betaald"),
    "offset": marked("Verrekend"),
    "withdrawn": marked("Ingetrokken of verlaagd"),
    "written-off": marked("Afgeboekt"),
    "disputed": marked("Betwist"),
    "agency": marked("Bij incasso"),
    "open": marked("Nog open"),
    "held": marked("Aangehouden"),
}
"""The parts of what was claimed, as an address names them; `held` may lie in any part that is still owed."""
Place = tuple[int, int, int]  # cents, account, claim: the order of a list of shares
PLACE = (Annotated[int, msgspec.Meta(ge=-(10**17), le=10**17)], int, int)
"""The same for `read_cursor`; cents that can be turned round, as the order does."""
_BEGIN = (None, None, None)


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


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A claim and its share in an amount of a report, in cents; `open_cents` is what is open of it now."""

    account_id: int
    claim_id: int
    reference: str
    number: str | None
    reason_code: str
    provider_number: str
    provider: str
    due_date: date
    cents: int
    open_cents: int


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that an amount of a report is made of: how many, their sum in cents, and a page of them."""

    claims: int
    cents: int
    page: list[Share]


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


_AGEING = """
select c.code, s.due_date, count(*) as claims, sum(s.cents)::bigint as cents
from claims_open_on($1) s join risk_carrier c using (risk_carrier_id)
group by c.code, s.due_date order by c.code, s.due_date
"""
_FUNNEL = """
select c.code, r.code as reason, t.title_nl, t.title_en, count(*) as claims,
  sum(s.claimed_cents)::bigint as claimed_cents, sum(s.paid_cents)::bigint as paid_cents,
  sum(s.offset_cents)::bigint as offset_cents, sum(s.withdrawn_cents)::bigint as withdrawn_cents,
  sum(s.written_off_cents)::bigint as written_off_cents, sum(s.disputed_cents)::bigint as disputed_cents,
  sum(s.agency_cents)::bigint as agency_cents, sum(s.open_cents)::bigint as open_cents
from claim_parts() s join risk_carrier c using (risk_carrier_id) join reason_code r on r.reason_id = s.reason_id
  left join lateral (
    select p.title_nl, p.title_en from reason_policy p join policy_version v using (policy_version_id)
    where p.reason_id = s.reason_id order by v.valid_from desc, v.version desc limit 1) t on true
group by c.code, r.code, t.title_nl, t.title_en order by c.code, sum(s.claimed_cents) desc, r.code
"""
# The claims behind an amount: how many and how much they are together, and a page of them, the largest amount first.
# Two questions choose the claims ($5 and on); the page after a place ($1 to $3, of so many: $4) is the same for both.
_BEHIND = """
select w.claims, w.cents as all_cents, g.account_id, g.claim_id, g.cents, k.reference, k.number, r.code as reason_code,
  v.number as provider_number, v.name as provider, p.due_date,
  p.open_principal_cents + p.open_costs_cents + p.open_interest_cents as open_cents
from (select count(*) as claims, coalesce(sum(cents), 0)::bigint as cents from chosen) w
  left join (select * from chosen
    where $1::bigint is null or (-cents, account_id, claim_id) > (-$1::bigint, $2::bigint, $3::bigint)
    order by -cents, account_id, claim_id limit $4) g on true
  left join claim k on k.account_id = g.account_id and k.claim_id = g.claim_id
  left join claim_position p on p.account_id = g.account_id and p.claim_id = g.claim_id
  left join reason_code r on r.reason_id = p.reason_id
  left join running_account a on a.account_id = g.account_id left join provider v using (provider_id)
order by -g.cents, g.account_id, g.claim_id
"""
_AGED = """
with chosen as materialized (
  select s.account_id, s.claim_id, s.cents from claims_open_on($5) s
  where s.risk_carrier_id = (select risk_carrier_id from risk_carrier where code = $6)
    and s.due_date between $7 and $8)
"""
_PART = """
with chosen as materialized (
  select * from (
    select s.account_id, s.claim_id, case $7::text when 'claimed' then s.claimed_cents when 'paid' then s.paid_cents
        when 'offset' then s.offset_cents when 'withdrawn' then s.withdrawn_cents
        when 'written-off' then s.written_off_cents when 'disputed' then s.disputed_cents
        when 'agency' then s.agency_cents when 'held' then s.held_cents else s.open_cents end as cents
    from claim_parts() s
    where s.risk_carrier_id = (select risk_carrier_id from risk_carrier where code = $5)
      and ($6::text is null or s.reason_id in (select reason_id from reason_code where code = $6))) x
  where cents <> 0)
"""


async def ageing(connection: Connection, on: date) -> list[Ageing]:
    """What was open at the end of that day per risk carrier, by age; booked up to and including it."""
    return by_age(await connection.fetch(_AGEING, on), on)


def by_age(rows: Iterable[Any], on: date) -> list[Ageing]:
    """Rows (code, due_date, claims, cents) by age on that day: a claim is due from the day after its due date on."""
    found: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0] for _ in AGES])
    for row in rows:
        late = min(max((on - row["due_date"]).days, 0), AGES[-1][0])  # also in the year 9999
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


async def aged(
    connection: Connection, on: date, risk_carrier: str, days: tuple[int, int], *, after: Place | None, limit: int
) -> Shares:
    """The claims that were open at the end of a day and so many days late, first and last included; 0 is not due."""
    low, high = days
    last = date.max if low <= 0 else _before(on, low)
    first = date.min if high >= AGES[-1][0] else _before(on, high)
    return _shares(await connection.fetch(_AGED + _BEHIND, *(after or _BEGIN), limit, on, risk_carrier, first, last))


def _before(on: date, days: int) -> date:
    """So many days earlier; the first day there is when the calendar ends before that."""
    return date.min if days > (on - date.min).days else on - timedelta(days=days)


async def part_of_funnel(
    connection: Connection, risk_carrier: str, reason: str | None, part: str, *, after: Place | None, limit: int
) -> Shares:
    """The claims that a part of the funnel is made of (`PARTS`); of every reason code when `reason` is None."""
    return _shares(await connection.fetch(_PART + _BEHIND, *(after or _BEGIN), limit, risk_carrier, reason, part))


def _shares(rows: Sequence[Any]) -> Shares:
    fields = Share.__struct_fields__
    page = [Share(**{name: row[name] for name in fields}) for row in rows if row["reference"] is not None]
    return Shares(claims=rows[0]["claims"], cents=rows[0]["all_cents"], page=page)


def range_of_age(place: int) -> tuple[int, int]:
    """Days late of the age at that place of `AGES`, first and last included."""
    return (0 if place == 0 else AGES[place - 1][0] + 1), AGES[place][0]
