"""Says in Dutch what happened at the demo insurer, from the stored rows alone."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.core.db import Connection
from app.payouts import dutch_date, dutch_euros
from jobs.demo.examples import find_examples
from jobs.demo.model import GO_LIVE, LAST_DAY

Out = Callable[[str], None]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What the nights of one risk carrier did, or of both together; amounts in cents.

    declared + returned + advances = offset + paid out. `open_cents` is owed by providers after the last night.
    """

    carrier: str
    nights: int
    declarations: int
    declared_cents: int
    returned_cents: int
    advance_cents: int
    offset_cents: int
    paid_cents: int
    payouts: int
    looked_at: int
    offset_claims: int
    left_out_claims: int
    open_claims: int
    open_cents: int
    reminders: int
    reminded_cents: int
    parked: int
    held_payouts: int


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Claims of one risk carrier that are open after the last night, by the answer that the nights gave."""

    carrier: str
    answer: int
    text: str
    claims: int
    open_cents: int


# Each fact is summed by itself: joined, one would be counted for every row of the others.
_TOTALS = """
with night as (
  select r.risk_carrier_id, count(distinct r.run_id) as nights, sum(b.declared_cents)::bigint as declared_cents,
    sum(b.returned_cents)::bigint as returned_cents, sum(b.advance_cents)::bigint as advance_cents,
    sum(b.offset_cents)::bigint as offset_cents, sum(b.net_cents)::bigint as paid_cents,
    sum(b.payouts)::bigint as payouts, sum(b.in_scope)::bigint as looked_at,
    sum(b.offset_claims)::bigint as offset_claims, sum(b.left_out_claims)::bigint as left_out_claims
  from run r join run_batch b on b.run_id = r.run_id and b.state = 1
  where r.state = 'released' and r.business_date between $2 and $3 group by r.risk_carrier_id),
paid as (
  select risk_carrier_id, sum(declarations)::bigint as declarations, count(*) filter (where held <> 0) as held_payouts
  from payout where business_date between $2 and $3 group by risk_carrier_id),
owed as (
  select risk_carrier_id, count(*) as open_claims,
    sum(open_principal_cents + open_costs_cents + open_interest_cents)::bigint as open_cents
  from claim_position where open_principal_cents + open_costs_cents + open_interest_cents > 0 group by risk_carrier_id),
sent as (
  select risk_carrier_id, count(*) as reminders, sum(asked_cents)::bigint as reminded_cents
  from claim_step where kind = 2 and sent_on between $2 and $3 group by risk_carrier_id),
parked as (select risk_carrier_id, count(distinct account_id) as parked from run_parked group by risk_carrier_id)
select k.code as carrier, n.nights, coalesce(y.declarations, 0) as declarations, n.declared_cents, n.returned_cents,
  n.advance_cents, n.offset_cents, n.paid_cents, n.payouts, n.looked_at, n.offset_claims, n.left_out_claims,
  coalesce(o.open_claims, 0) as open_claims, coalesce(o.open_cents, 0) as open_cents,
  coalesce(s.reminders, 0) as reminders, coalesce(s.reminded_cents, 0) as reminded_cents,
  coalesce(p.parked, 0) as parked, coalesce(y.held_payouts, 0) as held_payouts
from risk_carrier k join night n using (risk_carrier_id)
  left join paid y using (risk_carrier_id) left join owed o using (risk_carrier_id)
  left join sent s using (risk_carrier_id) left join parked p using (risk_carrier_id)
where k.risk_carrier_id = any ($1::smallint[]) order by k.risk_carrier_id
"""
_LEFT_OUT = """
select k.code as carrier, c.last_answer as answer, count(*) as claims,
  coalesce(a.text_nl, 'Nog niet bekeken: in of na de laatste nacht ontstaan') as text,
  sum(c.open_principal_cents + c.open_costs_cents + c.open_interest_cents)::bigint as open_cents
from claim_position c join risk_carrier k using (risk_carrier_id)
  left join decision_answer a on a.answer = c.last_answer
where c.risk_carrier_id = any ($1::smallint[])
  and c.open_principal_cents + c.open_costs_cents + c.open_interest_cents > 0
group by k.risk_carrier_id, k.code, c.last_answer, a.text_nl order by c.last_answer, k.risk_carrier_id
"""


async def read_totals(connection: Connection, carriers: Sequence[int]) -> list[Totals]:
    """The totals of each risk carrier over the demo's nights."""
    rows = await connection.fetch(_TOTALS, list(carriers), GO_LIVE, LAST_DAY)
    return [Totals(**dict(row)) for row in rows]


async def read_left_out(connection: Connection, carriers: Sequence[int]) -> list[LeftOut]:
    """What is open after the last night, and why it was not offset (further)."""
    return [LeftOut(**dict(row)) for row in await connection.fetch(_LEFT_OUT, list(carriers))]


def together(totals: Sequence[Totals]) -> Totals:
    """The sum of several risk carriers."""
    names = [name for name in Totals.__struct_fields__ if name != "carrier"]
    return Totals(carrier="samen", **{name: sum(getattr(each, name) for each in totals) for name in names})


async def tell(connection: Connection, carriers: Sequence[int], out: Out) -> None:
    """Say what the demo's nights did, what is open and why, and where to find one of each."""
    totals = await read_totals(connection, carriers)
    left = await read_left_out(connection, carriers)
    every = [*totals, together(totals)]
    out(f"Demoverzekeraar: {totals[0].nights} nachten, van {dutch_date(GO_LIVE)} tot en met {dutch_date(LAST_DAY)}")
    out("")
    _table(out, ["", *(each.carrier for each in every)], _rows(every))
    out("")
    out("Wat openstaat, en waarom het niet (verder) verrekend is")
    out("")
    _table(out, ["", *(f"{each.carrier}{what}" for each in every for what in ("", " bedrag"))], _reasons(left, every))
    out("")
    out("Van elk een voorbeeld")
    for example in await find_examples(connection):
        out("")
        out(f"  {example.name}")
        out(f"    {example.sentence[0].upper()}{example.sentence[1:]}.")
        out(f"    {example.command}")
    out("")
    out("Het programma vereffen staat in .venv/bin. Een tweede start gaat verder waar deze ophield.")


def _rows(every: Sequence[Totals]) -> list[list[str]]:
    lines: list[tuple[str, Callable[[Totals], str]]] = [
        ("declaraties", lambda t: _number(t.declarations)),
        ("gedeclareerd", lambda t: dutch_euros(t.declared_cents)),
        ("voorschotten", lambda t: dutch_euros(t.advance_cents)),
        ("teruggegeven", lambda t: dutch_euros(t.returned_cents)),
        ("verrekend", lambda t: dutch_euros(t.offset_cents)),
        ("uitbetaald", lambda t: dutch_euros(t.paid_cents)),
        ("in betalingen", lambda t: _number(t.payouts)),
        ("waarvan aangehouden", lambda t: _number(t.held_payouts)),
        ("vorderingen bekeken", lambda t: _number(t.looked_at)),
        ("  verrekend", lambda t: _number(t.offset_claims)),
        ("  gelaten", lambda t: _number(t.left_out_claims)),
        ("herinnerd", lambda t: _number(t.reminders)),
        ("  gevraagd", lambda t: dutch_euros(t.reminded_cents)),
        ("geparkeerd geweest", lambda t: _number(t.parked)),
        ("open vorderingen", lambda t: _number(t.open_claims)),
        ("  bedrag", lambda t: dutch_euros(t.open_cents)),
    ]
    return [[name, *(show(each) for each in every)] for name, show in lines]


def _reasons(left: Sequence[LeftOut], every: Sequence[Totals]) -> list[list[str]]:
    rows = []
    for answer, text in dict.fromkeys((each.answer, each.text) for each in left):
        own = {each.carrier: each for each in left if each.answer == answer}
        cells: list[str] = []
        for carrier in (each.carrier for each in every[:-1]):
            cells += _pair(own[carrier].claims, own[carrier].open_cents) if carrier in own else ["", ""]
        cells += _pair(sum(each.claims for each in own.values()), sum(each.open_cents for each in own.values()))
        rows.append([text, *cells])
    return [*rows, ["totaal", *(cell for each in every for cell in _pair(each.open_claims, each.open_cents))]]


def _pair(claims: int, cents: int) -> list[str]:
    return [_number(claims), dutch_euros(cents)]


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _table(out: Out, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table whose first column is text and whose others are numbers."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        out("  " + "  ".join(cells).rstrip())
