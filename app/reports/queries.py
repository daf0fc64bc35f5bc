"""The running-account statement from the postings: totals by one statement, lines by page or as a stream.

Reads any table, writes none. All parts see the same postings when they run in one transaction of isolation
`repeatable_read`; `known_at` alone does it too, but for a booking that was recorded before and committed after it.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

from app.core.db import Connection
from app.core.errors import Refusal
from app.reports import rules
from app.reports.model import Side, Statement, StatementHead, StatementLine, StatementRequest

Row = Any
PAGE = 100
CHUNK = 1000  # lines that an export holds at a time


async def read_statement(
    connection: Connection, request: StatementRequest, *, after: str | None = None, limit: int = PAGE
) -> Statement:
    """Totals and one page of at most `limit` postings (1 to 1000; a posting may have a line on two sides).

    `after` is the `next_cursor` of the page before. Refusal: 404 for an account, claim or AGB code that is not there,
    400 for a cursor and 422 for a limit that is no good.
    """
    if not 1 <= limit <= CHUNK:
        raise Refusal("limit", f"A page holds 1 to {CHUNK} postings.", status=422, field="limit")
    key = None if after is None else rules.decode_cursor(after)
    agb_ids = await _agb_ids(connection, request)
    days = await _days(connection, request, agb_ids)
    head = await _head(connection, request, agb_ids, days)
    window = rules.window(days, None if key is None else key[0], limit + 1)
    if window is None:
        return Statement(head=head, lines=(), next_cursor=None)
    rows = await _page(connection, request, agb_ids, window, key, limit + 1)
    balances = rules.balances_before(days, window[0])
    if key is not None and rows:
        for side, column in _CARRIED.items():
            balances[side] += rows[0][column]
    shown = rows[:limit]
    lines = await _lines(connection, request.account_id, shown, balances)
    cursor = rules.encode_cursor(_key(shown[-1])) if len(rows) > limit else None
    return Statement(head=head, lines=tuple(lines), next_cursor=cursor)


async def export_csv(connection: Connection, request: StatementRequest) -> AsyncIterator[str]:
    """The whole statement as CSV, part by part, in flat memory. Needs a transaction."""
    head = await read_head(connection, request)
    yield rules.csv_head(head)
    async for lines in stream_lines(connection, request, head):
        yield rules.csv_part(lines)
    yield rules.csv_tail(head)


async def export_json(connection: Connection, request: StatementRequest) -> AsyncIterator[bytes]:
    """The whole statement as JSON (the shape of `Statement`), part by part, in flat memory. Needs a transaction."""
    head = await read_head(connection, request)
    yield rules.json_head(head)
    first = True
    async for lines in stream_lines(connection, request, head):
        yield rules.json_part(lines, first=first)
        first = False
    yield rules.JSON_TAIL


async def read_head(connection: Connection, request: StatementRequest) -> StatementHead:
    """Whose account it is and the totals of the period, without lines."""
    agb_ids = await _agb_ids(connection, request)
    return await _head(connection, request, agb_ids, await _days(connection, request, agb_ids))


async def stream_lines(
    connection: Connection, request: StatementRequest, head: StatementHead
) -> AsyncIterator[list[StatementLine]]:
    """Every line of the period, in order, in parts. `head` gives the opening balances. Needs a transaction."""
    balances = {total.side: total.opening_cents for total in head.sides}
    cursor = await connection.cursor(
        """
        select m.* from (
          select * from account_movements($1, $3, $4, $5) where $6::int[] is null and booking_date >= $2
          union all
          select * from account_agb_movements($1, $2, $3, $4, $6) where $6::int[] is not null) m
        order by m.booking_date, m.event_id, m.kind, m.line
        """,
        *_arguments(request, await _agb_ids(connection, request)),
    )
    while rows := await cursor.fetch(CHUNK):
        yield await _lines(connection, request.account_id, rows, balances)


_COLUMNS = {Side.PAYABLE: "payable", Side.CLAIMS: "claims", Side.ON_ACCOUNT: "on_account"}
_CARRIED = {
    Side.PAYABLE: "carried_payable",
    Side.CLAIMS: "carried_claims",
    Side.ON_ACCOUNT: "carried_on_account",
}


def _arguments(request: StatementRequest, agb_ids: list[int] | None) -> tuple[Any, ...]:
    return (request.account_id, request.first, request.last, request.known_at, request.claim_id, agb_ids)


def _key(row: Row) -> rules.Key:
    return row["booking_date"], row["event_id"], row["kind"], row["line"]


async def _agb_ids(connection: Connection, request: StatementRequest) -> list[int] | None:
    if request.agb is None:
        return None
    if request.claim_id is not None:
        raise Refusal("filters", "Narrow a statement to a claim or to an AGB code, not to both.", status=422)
    found: list[int] | None = await connection.fetchval(
        """
        select array_agg(a.agb_id) from agb_registration a join running_account r using (provider_id)
        where r.account_id = $1 and a.agb = $2
        """,
        request.account_id,
        request.agb,
    )
    if found is None:
        raise Refusal("unknown_agb", f"AGB code {request.agb[:20]!r} is not of this provider.", status=404, field="agb")
    return found


async def _head(
    connection: Connection, request: StatementRequest, agb_ids: list[int] | None, days: Sequence[rules.Day]
) -> StatementHead:
    about = await _about(connection, request)
    sides = rules.side_totals(days)
    return StatementHead(
        risk_carrier=about["risk_carrier"],
        uzovi=about["uzovi"] or "",
        provider_number=about["provider_number"],
        provider=about["provider"],
        first_date=request.first,
        last_date=request.last,
        known_at=request.known_at,
        claim_reference=about["claim_reference"],
        agb=request.agb,
        sides=sides,
        opening_balance_cents=rules.account_balance({total.side: total.opening_cents for total in sides}),
        closing_balance_cents=rules.account_balance({total.side: total.closing_cents for total in sides}),
        pending_cents=0 if request.claim_id is not None else await _pending(connection, request, agb_ids),
        movements=sum(day.lines for day in days if day.on is not None),
    )


async def _about(connection: Connection, request: StatementRequest) -> Row:
    row = await connection.fetchrow(
        """
        select c.name as risk_carrier, p.number as provider_number, p.name as provider, k.reference as claim_reference,
               (select string_agg(distinct u.uzovi, ', ' order by u.uzovi) from uzovi_code u
                where u.risk_carrier_id = a.risk_carrier_id and u.valid_from <= $3
                  and (u.valid_until is null or u.valid_until >= $3)) as uzovi
        from running_account a
          join risk_carrier c using (risk_carrier_id)
          join provider p using (provider_id)
          left join claim k on k.account_id = a.account_id and k.claim_id = $2
        where a.account_id = $1
        """,
        request.account_id,
        request.claim_id,
        request.last,
    )
    if row is None:
        raise Refusal("unknown_account", f"There is no running account {request.account_id}.", status=404)
    if request.claim_id is not None and row["claim_reference"] is None:
        raise Refusal("unknown_claim", f"Claim {request.claim_id} is not of this running account.", status=404)
    return row


async def _days(connection: Connection, request: StatementRequest, agb_ids: list[int] | None) -> list[rules.Day]:
    """What each day of the period moved, in order, after one for all that came before it.

    The account is read once for this: the days give the totals, and tell where a page lies.
    """
    rows = await connection.fetch(
        """
        select case when booking_date >= $2 then booking_date end as on,
          count(*) as postings,
          sum((payable_delta <> 0)::int + (claims_delta <> 0)::int + (on_account_delta <> 0)::int)::bigint as lines,
          sum(greatest(payable_delta, 0))::bigint as payable_up, sum(payable_delta)::bigint as payable,
          sum(greatest(claims_delta, 0))::bigint as claims_up, sum(claims_delta)::bigint as claims,
          sum(greatest(on_account_delta, 0))::bigint as on_account_up, sum(on_account_delta)::bigint as on_account
        from (
          select booking_date, payable_delta, claims_delta, on_account_delta
          from account_movements($1, $3, $4, $5) where $6::int[] is null
          union all
          select booking_date, payable_delta, claims_delta, on_account_delta
          from account_agb_movements($1, '-infinity', $3, $4, $6) where $6::int[] is not null) m
        group by 1 order by 1 nulls first
        """,
        *_arguments(request, agb_ids),
    )
    return [
        rules.Day(
            on=row["on"],
            postings=row["postings"],
            lines=row["lines"],
            moved={side: row[column] for side, column in _COLUMNS.items()},
            raised={side: row[f"{column}_up"] for side, column in _COLUMNS.items()},
        )
        for row in rows
    ]


async def _page(
    connection: Connection,
    request: StatementRequest,
    agb_ids: list[int] | None,
    window: tuple[date, date],
    key: rules.Key | None,
    limit: int,
) -> Sequence[Row]:
    """The postings after `key` within a window of days, and what those of its first day up to `key` moved."""
    return await connection.fetch(
        """
        with m as materialized (
          select * from account_movements($1, $3, $4, $5) where $6::int[] is null and booking_date >= $2
          union all
          select * from account_agb_movements($1, $2, $3, $4, $6) where $6::int[] is not null),
        carried as materialized (
          select coalesce(sum(payable_delta), 0)::bigint as carried_payable,
            coalesce(sum(claims_delta), 0)::bigint as carried_claims,
            coalesce(sum(on_account_delta), 0)::bigint as carried_on_account
          from m where (booking_date, event_id, kind, line) <= ($7::date, $8::bigint, $9::smallint, $10::int))
        select m.*, carried.* from m cross join carried
        where $7::date is null
          or (m.booking_date, m.event_id, m.kind, m.line) > ($7::date, $8::bigint, $9::smallint, $10::int)
        order by m.booking_date, m.event_id, m.kind, m.line
        limit $11
        """,
        request.account_id,
        *window,
        request.known_at,
        request.claim_id,
        agb_ids,
        *(key or (None, None, None, None)),
        limit,
    )


async def _pending(connection: Connection, request: StatementRequest, agb_ids: list[int] | None) -> int:
    """Declarations and advances that were approved by the last day and not settled by then.

    Waiting now, or settled or withdrawn later than the last day (or later than it was known).
    """
    cents: int = await connection.fetchval(
        """
        with later as materialized (  -- few: looked up one by one, and not the whole account joined
          select p.kind, p.cents, p.event_id, p.claim_id from posting p
          where p.account_id = $1 and p.kind in (1, 9) and (p.booking_date > $2 or p.recorded_at > $3)),
        waiting as (
          select q.cents, q.agb_id from payable q
          where q.account_id = $1 and q.kind in (1, 3) and (q.approved_at at time zone 'Europe/Amsterdam')::date <= $2
            and q.approved_at <= $3
          union all
          select l.cents, d.agb_id
          from later l join declaration d on d.account_id = $1 and d.declaration_id = l.event_id
          where l.kind = 1 and (d.approved_at at time zone 'Europe/Amsterdam')::date <= $2 and d.approved_at <= $3
          union all
          select l.cents, c.agb_id
          from later l join claim c on c.account_id = $1 and c.claim_id = l.claim_id
          where l.kind = 9 and c.registered_on <= $2
          union all
          select d.awarded_cents, d.agb_id
          from declaration_withdrawal w join declaration d using (account_id, declaration_id)
          where w.account_id = $1 and not w.settled and w.decided_on > $2
            and (d.approved_at at time zone 'Europe/Amsterdam')::date <= $2 and d.approved_at <= $3)
        select coalesce(sum(cents), 0)::bigint from waiting where $4::int[] is null or agb_id = any ($4)
        """,
        request.account_id,
        request.last,
        request.known_at,
        agb_ids,
    )
    return cents


async def _lines(
    connection: Connection, account_id: int, movements: Sequence[Row], balances: dict[Side, int]
) -> list[StatementLine]:
    details = await _details(connection, account_id, [_key(row) for row in movements])
    return [
        line
        for movement, detail in zip(movements, details, strict=True)
        for line in rules.lines_of(movement, detail, balances)
    ]


async def _details(connection: Connection, account_id: int, keys: Sequence[rules.Key]) -> Sequence[Row]:
    """What each posting is about, in the order of `keys`: declaration, claim, payout, payment, reason on its day."""
    return await connection.fetch(
        """
        select p.booking_date, p.effective_date, p.kind, p.payout_id, y.business_date as payout_date,
          d.number as declaration_number, d.invoice_number, da.agb as declaration_agb,
          c.number as claim_number, c.reference as claim_reference, c.kind as claim_kind, ca.agb as claim_agb,
          o.invoice_number as origin_invoice, rc.code as reason_code, t.title_nl as reason,
          coalesce(j.reason, v.reason, g.reason,
            'overeenkomst ' || tk.number || ', betaald door ' || tk.payer, tr.reason,
            case when p.kind = 40 then c.ground end) as decision, m.reference as payment_reference
        from unnest($2::date[], $3::bigint[], $4::smallint[], $5::int[])
            with ordinality k (booking_date, event_id, kind, line, place)
          join posting p on p.account_id = $1 and p.event_id = k.event_id and p.kind = k.kind and p.line = k.line
            and p.booking_date = k.booking_date
          left join payout y on y.account_id = $1 and y.payout_id = p.payout_id
          left join declaration d on d.account_id = $1
            and d.declaration_id = case when p.kind between 1 and 4 then p.event_id
                                        when p.kind between 30 and 33 then p.reverses_event_id end
          left join agb_registration da on da.agb_id = d.agb_id
          left join claim c on c.account_id = $1 and c.claim_id = p.claim_id
          left join agb_registration ca on ca.agb_id = c.agb_id
          left join declaration o on o.account_id = $1 and o.declaration_id = c.origin_declaration_id
          left join claim_maturity a on a.account_id = $1 and a.claim_id = c.claim_id and a.matured_on <= p.booking_date
          left join reason_code rc on rc.reason_id = coalesce(a.to_reason_id, c.reason_id)
          left join lateral (
            select rp.title_nl from policy_version w join reason_policy rp using (policy_version_id)
            where w.risk_carrier_id = p.risk_carrier_id and w.valid_from <= p.booking_date
              and rp.reason_id = rc.reason_id
            order by w.valid_from desc, w.version desc limit 1) t on true
          left join adjustment j on j.account_id = $1 and j.adjustment_id = p.event_id
          left join offset_reversal v on v.account_id = $1 and v.reversal_id = p.event_id
          left join charge g on g.account_id = $1 and g.charge_id = p.event_id
          left join payment m on m.account_id = $1 and m.payment_id = p.event_id
          left join takeover tk on tk.account_id = $1 and tk.takeover_id = p.event_id and p.kind = 41
          left join takeover_return tr on tr.account_id = $1 and tr.return_id = p.event_id and p.kind = 43
        order by k.place
        """,
        account_id,
        *([key[column] for key in keys] for column in range(4)),
    )
