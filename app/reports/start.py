"""The start page: what the last nights did, what is open, and what waits for somebody."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from app.core.db import Connection, Pool
from app.reports import insight
from app.web.database import reading
from app.web.drawing import Step
from app.web.page import pages, render
from app.web.people import Person
from app.web.words import day, gettext

Part = tuple[str, Callable[[Connection, date], Awaitable[dict[str, Any]]]]


async def _insight(connection: Connection, today: date) -> dict[str, Any]:
    return {"ageings": await insight.ageing(connection, today), "on": today}


PARTS: Sequence[Part] = (("reports/insight_part.html", _insight),)
"""More of the start page: a template that is included, and the function (connection, business date) that gives what it
shows as `part`. Its queries run in the snapshot of the page."""


class LastNight(msgspec.Struct, frozen=True, kw_only=True):
    """The last released night of a risk carrier, amounts in cents: declared + returned + advance = offset + net.

    `now` is the state of a night that is under way or stopped after it, None when there is none.
    """

    code: str
    name: str
    business_date: date
    payment_date: date
    declared_cents: int
    returned_cents: int
    advance_cents: int
    offset_cents: int
    net_cents: int
    entries: int
    payouts: int
    in_scope: int
    offset_claims: int
    left_out_claims: int
    now: str | None

    @property
    def gross_cents(self) -> int:
        """What the declarations of the night give before anything is offset."""
        return self.declared_cents + self.returned_cents + self.advance_cents


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """What providers owe a risk carrier now, in cents, and what a hold keeps out of it."""

    code: str
    claims: int
    open_cents: int
    held_cents: int
    due_claims: int
    due_cents: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for somebody, of one risk carrier."""

    code: str
    incidents: int
    held_payouts: int
    held_cents: int
    parked: int
    parked_cents: int
    reminders: int
    agency: int


_NIGHTS = """
select c.code, c.name, r.business_date, r.payment_date,
  coalesce(sum(b.declared_cents), 0)::bigint as declared_cents,
  coalesce(sum(b.returned_cents), 0)::bigint as returned_cents,
  coalesce(sum(b.advance_cents), 0)::bigint as advance_cents,
  coalesce(sum(b.offset_cents), 0)::bigint as offset_cents, coalesce(sum(b.net_cents), 0)::bigint as net_cents,
  coalesce(sum(b.entries), 0)::bigint as entries, coalesce(sum(b.payouts), 0)::bigint as payouts,
  coalesce(sum(b.in_scope), 0)::bigint as in_scope, coalesce(sum(b.offset_claims), 0)::bigint as offset_claims,
  coalesce(sum(b.left_out_claims), 0)::bigint as left_out_claims,
  (select n.state from run n where n.risk_carrier_id = c.risk_carrier_id and n.business_date > r.business_date
   order by n.business_date desc limit 1) as now
from risk_carrier c
  cross join lateral (select * from run l where l.risk_carrier_id = c.risk_carrier_id and l.state = 'released'
    order by l.business_date desc limit 1) r
  left join run_batch b on b.run_id = r.run_id and b.state = 1
group by c.risk_carrier_id, c.code, c.name, r.business_date, r.payment_date order by c.code
"""
_OPEN = """
select c.code, count(p.claim_id) as claims,
  coalesce(sum(p.open_principal_cents + p.open_costs_cents + p.open_interest_cents), 0)::bigint as open_cents,
  coalesce(sum(p.held_cents), 0)::bigint as held_cents,
  count(p.claim_id) filter (where p.due_date < $1) as due_claims,
  coalesce(sum(p.open_principal_cents + p.open_costs_cents + p.open_interest_cents)
    filter (where p.due_date < $1), 0)::bigint as due_cents
from risk_carrier c left join claim_position p on p.risk_carrier_id = c.risk_carrier_id
  and p.open_principal_cents + p.open_costs_cents + p.open_interest_cents > 0
group by c.code order by c.code
"""
_WAITING = """
select c.code,
  (select count(*) from incident i where i.risk_carrier_id = c.risk_carrier_id and i.resolved_at is null) as incidents,
  coalesce(y.held_payouts, 0) as held_payouts, coalesce(y.held_cents, 0) as held_cents,
  coalesce(k.parked, 0) as parked, coalesce(k.parked_cents, 0) as parked_cents,
  coalesce(d.reminders, 0) as reminders, coalesce(d.agency, 0) as agency
from risk_carrier c
  left join lateral (select count(*) as held_payouts, sum(net_cents)::bigint as held_cents from payout
    where risk_carrier_id = c.risk_carrier_id and held <> 0) y on true
  left join lateral (select count(*) as parked, sum(cents)::bigint as parked_cents from run_parked
    where run_id = (select run_id from run where risk_carrier_id = c.risk_carrier_id
      order by business_date desc limit 1)) k on true
  left join lateral (
    select count(*) filter (where kind = 1 and not exists (select 1 from claim_step s
        where s.account_id = p.account_id and s.claim_id = p.claim_id and s.kind = 2 and s.step_no = p.step_no))
        as reminders, count(*) filter (where kind = 2) as agency
    from dunning_proposal p where p.risk_carrier_id = c.risk_carrier_id) d on true
order by c.code
"""


async def last_nights(connection: Connection) -> list[LastNight]:
    """The last released night of each risk carrier that the reader sees."""
    return [LastNight(**dict(row)) for row in await connection.fetch(_NIGHTS)]


async def open_now(connection: Connection, today: date) -> list[Open]:
    """What is open per risk carrier; due: the due date lies before `today`."""
    return [Open(**dict(row)) for row in await connection.fetch(_OPEN, today)]


async def waiting_now(connection: Connection) -> list[Waiting]:
    """What waits for somebody per risk carrier: incidents, held payouts, parked accounts, proposals."""
    return [Waiting(**dict(row)) for row in await connection.fetch(_WAITING)]


def steps_of(night: LastNight) -> list[Step]:
    """Gross, each thing that makes it, what was offset, and what is paid: the rows of the waterfall."""
    address = f"/nights/{night.code}/{night.business_date}"
    made = [Step(label=gettext("Gedeclareerd"), cents=night.declared_cents, href=address)]
    if night.returned_cents:
        made.append(Step(label=gettext("Teruggekomen"), cents=night.returned_cents, href=address))
    if night.advance_cents:
        made.append(Step(label=gettext("Voorschotten"), cents=night.advance_cents, href=address))
    made.append(Step(label=gettext("Verrekend"), cents=-night.offset_cents, href=address))
    made.append(
        Step(
            label=gettext("Uitbetaald"),
            cents=night.net_cents,
            total=True,
            href=f"/payouts?riskCarrier={night.code}&fromDate={night.business_date}&untilDate={night.business_date}",
            note=gettext("op %(date)s", date=day(night.payment_date)),
        )
    )
    return made


@get("/")
async def start(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    today: NamedDependency[date],
) -> Response[str]:
    """What Vereffen does, on the numbers of the person's risk carriers."""
    async with reading(pool, person) as connection:
        nights = await last_nights(connection)
        open_claims = await open_now(connection, today)
        waiting = await waiting_now(connection)
        parts = [(template, await read(connection, today)) for template, read in PARTS]
    return render(
        request,
        "reports/start.html",
        nights=[(night, steps_of(night)) for night in nights],
        open_claims=open_claims,
        waiting=waiting,
        parts=parts,
        today=today,
    )


PAGES = pages(start)
