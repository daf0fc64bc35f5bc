"""Claims as stored. Functions take a connection and never commit; writes are under the lock of the running account."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from app.claims.model import (
    ClaimKind,
    ClaimState,
    FoundReference,
    RegisteredClaim,
    StandingOffset,
    TimelineEntry,
)
from app.claims.status import StatusFacts, status_text
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import parse_declaration_reference


async def claim_states(conn: Connection, account_id: int, claim_ids: Sequence[int]) -> list[ClaimState]:
    """The claims asked for, in order of id; the caller holds the lock of the running account."""
    rows = await conn.fetch(
        """select c.claim_id, c.kind, p.reason_id, c.agb_id, c.reference, c.registered_on, p.due_date,
             c.letter_date is not null or exists (select 1 from claim_maturity m
               where m.account_id = c.account_id and m.claim_id = c.claim_id) as has_letter,
             c.origin_declaration_id, (c.original_cents + coalesce(a.delta_cents, 0))::bigint as amount_cents,
             p.open_principal_cents as principal, p.open_costs_cents as costs, p.open_interest_cents as interest,
             p.held_cents,
             coalesce(p.reminder_term_ends, '{}') as reminder_term_ends,
             exists (select 1 from payable q where q.account_id = c.account_id and q.entry_id = c.claim_id) as queued,
             coalesce(a.withdrawn, false) as withdrawn
           from claim c join claim_position p using (account_id, claim_id)
             left join lateral (select sum(x.delta_cents) filter (where x.kind <> 3)::bigint as delta_cents,
                 bool_or(x.kind = 2) as withdrawn
               from adjustment x where x.account_id = c.account_id and x.claim_id = c.claim_id) a on true
           where c.account_id = $1 and c.claim_id = any ($2::bigint[]) order by c.claim_id""",
        account_id,
        claim_ids,
    )
    return [_state(dict(row)) for row in rows]


def _state(row: dict[str, Any]) -> ClaimState:
    row["kind"] = ClaimKind(row["kind"])
    row["reminder_term_ends"] = tuple(row["reminder_term_ends"])
    return ClaimState(**row)


async def claim_state(conn: Connection, account_id: int, claim_id: int) -> ClaimState:
    """One claim under the lock of its running account."""
    (state,) = await claim_states(conn, account_id, [claim_id])
    return state


async def offsets_of_claim(conn: Connection, account_id: int, claim_id: int) -> list[StandingOffset]:
    """The offset lines of a claim that still stand, newest first."""
    rows = await conn.fetch(
        """select p.event_id as declaration_id, p.line, p.kind as part, p.claim_id, d.agb_id, p.cents - r.cents as cents
           from posting p join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
             cross join lateral (select coalesce(sum(x.cents), 0)::bigint as cents from posting x
               where x.account_id = p.account_id and x.reverses_event_id = p.event_id and x.reverses_line = p.line
                 and x.kind between 30 and 32) r
           where p.account_id = $1 and p.claim_id = $2 and p.kind between 2 and 4 and p.cents > r.cents
           order by p.booking_date desc, p.event_id desc, p.line desc""",
        account_id,
        claim_id,
    )
    return [StandingOffset(**dict(row)) for row in rows]


async def offsets_of_declaration(conn: Connection, account_id: int, declaration_id: int) -> list[StandingOffset]:
    """The offset lines made from a declaration that still stand, newest first."""
    rows = await conn.fetch(
        """select p.event_id as declaration_id, p.line, p.kind as part, p.claim_id, d.agb_id, p.cents - r.cents as cents
           from posting p join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
             cross join lateral (select coalesce(sum(x.cents), 0)::bigint as cents from posting x
               where x.account_id = p.account_id and x.reverses_event_id = p.event_id and x.reverses_line = p.line
                 and x.kind between 30 and 32) r
           where p.account_id = $1 and p.event_id = $2 and p.kind between 2 and 4 and p.cents > r.cents
           order by p.line desc""",
        account_id,
        declaration_id,
    )
    return [StandingOffset(**dict(row)) for row in rows]


async def paid_principal(conn: Connection, account_id: int, claim_id: int) -> int:
    """Cents of principal paid by the provider (also before go-live), less what was freed."""
    cents: int = await conn.fetchval(
        """select coalesce(sum(case kind when 34 then -cents else cents end), 0)::bigint from posting
           where account_id = $1 and claim_id = $2 and kind in (11, 15, 18, 34)""",
        account_id,
        claim_id,
    )
    return cents


async def move_open(
    conn: Connection, account_id: int, claim_id: int, *, principal: int = 0, costs: int = 0, interest: int = 0
) -> None:
    """Change the open cents by what the same transaction posts; held cents follow the holds, never above open."""
    await conn.execute(
        """update claim_position p set open_principal_cents = n.principal, open_costs_cents = n.costs,
             open_interest_cents = n.interest, held_cents = least(n.principal + n.costs + n.interest, h.cents)
           from (select open_principal_cents + $3::bigint as principal, open_costs_cents + $4::bigint as costs,
               open_interest_cents + $5::bigint as interest
             from claim_position where account_id = $1 and claim_id = $2) n
             cross join (select case when bool_or(cents is null) then 9223372036854775807
               else coalesce(sum(cents), 0)::bigint end as cents
             from hold where account_id = $1 and claim_id = $2 and for_offset and active and ended_on is null) h
           where p.account_id = $1 and p.claim_id = $2""",
        account_id,
        claim_id,
        principal,
        costs,
        interest,
    )


async def open_principal(conn: Connection, account_id: int, claim_id: int) -> int:
    """Open principal now, in cents."""
    cents: int = await conn.fetchval(
        "select open_principal_cents from claim_position where account_id = $1 and claim_id = $2", account_id, claim_id
    )
    return cents


async def taken_over(conn: Connection, account_id: int, claim_id: int) -> tuple[int, str] | None:
    """Cents of a claim that stand offset under agreements, and the payer's newest claim that has some; None: none."""
    rows = await conn.fetch(
        """select t.payer_claim, t.cents - coalesce((select sum(r.cents)::bigint from takeover_return r
               where r.account_id = t.account_id and r.takeover_id = t.takeover_id), 0) as cents
           from takeover t where t.account_id = $1 and t.claim_id = $2 order by t.takeover_id desc""",
        account_id,
        claim_id,
    )
    standing = [row for row in rows if row["cents"]]
    return (sum(row["cents"] for row in standing), standing[0]["payer_claim"]) if standing else None


async def paid_charges(conn: Connection, account_id: int, claim_id: int) -> dict[str, int]:
    """Cents of costs and of interest paid by the provider, less what was freed."""
    row = await conn.fetchrow(
        """select
             coalesce(sum(case when kind = 35 then -cents when kind in (12, 16) then cents end), 0)::bigint as costs,
             coalesce(sum(case when kind = 36 then -cents when kind in (13, 17) then cents end), 0)::bigint as interest
           from posting where account_id = $1 and claim_id = $2 and kind in (12, 13, 16, 17, 35, 36)""",
        account_id,
        claim_id,
    )
    assert row is not None
    return dict(row)


async def credit_room(conn: Connection, account_id: int, declaration_id: int) -> int:
    """Awarded cents of a declaration less all that is claimed back for it; 0 when it was withdrawn."""
    cents: int = await conn.fetchval(
        """select greatest(0, d.awarded_cents - (select coalesce(sum(c.original_cents + coalesce((
                 select sum(a.delta_cents) from adjustment a
                 where a.account_id = $1 and a.claim_id = c.claim_id and a.kind <> 3), 0)), 0)
               from claim c where c.account_id = $1 and c.origin_declaration_id = $2 and c.kind in (2, 3, 7)))::bigint
             * case when exists (select 1 from declaration_withdrawal w
                 where w.account_id = $1 and w.declaration_id = $2) then 0 else 1 end
           from declaration d where d.account_id = $1 and d.declaration_id = $2""",
        account_id,
        declaration_id,
    )
    return cents


async def last_step(conn: Connection, account_id: int, claim_id: int, kind: int) -> int:
    """Number of the last recorded step of a kind on a claim; 0 when there is none."""
    number: int = await conn.fetchval(
        "select coalesce(max(step_no), 0)::int from claim_step where account_id = $1 and claim_id = $2 and kind = $3",
        account_id,
        claim_id,
        kind,
    )
    return number


async def dunning_step(
    conn: Connection, risk_carrier_id: int, reason_id: int, step_no: int, on: date
) -> tuple[bool, int] | None:
    """(on_the_day, term_days) of a reminder by the policy in force on a date; None when the policy has no such step."""
    row = await conn.fetchrow(
        """select d.on_the_day, d.term_days from dunning_policy d where d.reason_id = $2 and d.step_no = $3
             and d.policy_version_id = (select policy_version_id from policy_version
               where risk_carrier_id = $1 and valid_from <= $4 order by valid_from desc, version desc limit 1)""",
        risk_carrier_id,
        reason_id,
        step_no,
        on,
    )
    return None if row is None else (row["on_the_day"], row["term_days"])


async def held_for_dunning(conn: Connection, account_id: int, claim_id: int, on: date) -> int | None:
    """Cents of a claim that no letter may ask for on a date; None means all of it, by a hold on claim or account."""
    row = await conn.fetchrow(
        """select coalesce(bool_or(cents is null), false) as everything, coalesce(sum(cents), 0)::bigint as cents
           from hold where account_id = $1 and (claim_id = $2 or claim_id is null) and for_dunning and ended_on is null
             and from_date <= $3 and (until_date is null or until_date >= $3)""",
        account_id,
        claim_id,
        on,
    )
    assert row is not None
    return None if row["everything"] else row["cents"]


async def claimed_for_declaration(conn: Connection, account_id: int, declaration_id: int) -> list[int]:
    """Ids of the credit notes and corrections of a declaration, newest first."""
    rows = await conn.fetch(
        """select claim_id from claim where account_id = $1 and origin_declaration_id = $2 and kind in (2, 3)
           order by claim_id desc""",
        account_id,
        declaration_id,
    )
    return [row["claim_id"] for row in rows]


async def locate_claims(
    conn: Connection, text: str, risk_carriers: tuple[int, ...] | None = None
) -> list[tuple[int, int]]:
    """(account_id, claim_id) of what a claim reference, a payment reference or a source id stands for.

    Only among `risk_carriers`, when given: those of others are not hinted at.
    """
    rows = await conn.fetch(
        """select account_id, claim_id from claim_reference
             where reference = $1 and ($2::int[] is null or risk_carrier_id = any ($2::int[]))
           union select account_id, claim_id from payment_reference_claim
             where reference = $1 and ($2::int[] is null or risk_carrier_id = any ($2::int[]))
           union select s.account_id, s.fact_id from risk_carrier r
             cross join generate_series(2, 4) g (kind)
             cross join lateral known_sources(r.risk_carrier_id, g.kind::smallint) f (source)
             join source_key s on s.risk_carrier_id = r.risk_carrier_id and s.kind = g.kind and s.source = f.source
               and s.source_id = $1
             where $2::int[] is null or r.risk_carrier_id = any ($2::int[])
           order by 1, 2""",
        text.strip(),
        risk_carriers,
    )
    return [(row["account_id"], row["claim_id"]) for row in rows]


async def locate_claim(conn: Connection, text: str, risk_carriers: tuple[int, ...] | None = None) -> tuple[int, int]:
    """The one claim that a reference or source id stands for; Refusal 404 when unknown, 409 when it is several."""
    found = await locate_claims(conn, text, risk_carriers)
    if not found:
        raise Refusal(
            "claim_unknown",
            f"No claim is known as {text!r}; give its reference (VOR-…), a payment reference or its id at the source.",
            status=404,
            field="claim",
        )
    if len(found) > 1:
        raise Refusal(
            "claim_ambiguous", f"{text!r} stands for {len(found)} claims; give the reference (VOR-…).", field="claim"
        )
    return found[0]


async def locate_declaration(
    conn: Connection, text: str, risk_carriers: tuple[int, ...] | None = None
) -> tuple[int, int]:
    """(account_id, declaration_id) of a declaration by its reference (DEC-…) or its id at the source.

    Only among `risk_carriers`, when given: those of others are not hinted at. Refusal when unknown or several.
    """
    key = parse_declaration_reference(text)
    rows = await conn.fetch(
        """select d.account_id, d.declaration_id as fact_id from declaration d
           where d.account_id = $3 and d.declaration_id = $4
             and ($2::int[] is null or d.risk_carrier_id = any ($2::int[]))
           union
           select s.account_id, s.fact_id from risk_carrier r
             cross join lateral known_sources(r.risk_carrier_id, 1::smallint) f (source)
             join source_key s on s.risk_carrier_id = r.risk_carrier_id and s.kind = 1 and s.source = f.source
               and s.source_id = $1
           where $2::int[] is null or r.risk_carrier_id = any ($2::int[])""",
        text.strip(),
        risk_carriers,
        *(key or (None, None)),
    )
    if len(rows) != 1:
        how_many = f"stands for {len(rows)} declarations" if rows else "is not the id of a declaration"
        raise Refusal(
            "declaration_unknown",
            f"{text!r} {how_many}; give its reference (DEC-…) or the id that the claims system uses.",
            status=404,
            field="declaration",
        )
    return rows[0]["account_id"], rows[0]["fact_id"]


async def claims_register(
    conn: Connection, account_id: int, on: date, *, claim_id: int | None = None
) -> list[RegisteredClaim]:
    """The claims of a running account (or one of them) as they stood on a date, with the status that the facts give."""
    rows = await conn.fetch("select * from claims_register($1, $2, $3)", account_id, on, claim_id)
    facts = StatusFacts.__struct_fields__
    return [
        RegisteredClaim(
            **{field: row[field] for field in RegisteredClaim.__struct_fields__ if field not in ("kind", "status")},
            kind=ClaimKind(row["kind"]),
            status=status_text(StatusFacts(**{field: row[field] for field in facts})),
        )
        for row in rows
    ]


async def claim_timeline(conn: Connection, account_id: int, claim_id: int) -> list[TimelineEntry]:
    """Every fact of a claim in order of date: what happened, how many cents, and what caused it (CR-6)."""
    rows = await conn.fetch("select * from claim_timeline($1, $2)", account_id, claim_id)
    return [TimelineEntry(**dict(row)) for row in rows]


async def find_reference(conn: Connection, text: str) -> FoundReference:
    """What a reference that was ever issued leads to (CR-5): claim reference, payment reference or payout number.

    Spaces and dots do not matter. Refusal 404 when it was never issued.
    """
    cleaned = re.sub(r"[\s.]", "", text).upper()
    row = await conn.fetchrow(
        """select 'claim' as kind, account_id, null::text as document, null::date as issued_on,
               null::bigint as payout_id
             from claim_reference where reference = $1
           union all select 'payment reference', account_id, document, issued_on, null
             from payment_reference where reference = $1
           union all select 'payout', account_id, null, business_date, payout_id from payout
             where human_reference('AFR', payout_id, extract(year from business_date)::int) = $1 and payout_id = $2""",
        cleaned,
        int(number[1]) if (number := re.fullmatch(r"AFR-\d{4}-(\d{8,18})-\d", cleaned)) else None,
    )
    if row is None:
        raise Refusal(
            "reference_unknown",
            f"{text!r} was never issued; check it against the letter.",
            status=404,
            field="reference",
        )
    claims = await conn.fetch(
        """select c.reference from claim_reference r join claim c using (account_id, claim_id) where r.reference = $1
           union select c.reference from payment_reference_claim r join claim c using (account_id, claim_id)
             where r.reference = $1 order by 1""",
        cleaned,
    )
    return FoundReference(reference=cleaned, claims=tuple(claim["reference"] for claim in claims), **dict(row))


class PaidBy(msgspec.Struct, frozen=True, kw_only=True):
    """What another running account took over of a claim; `claim` is the payer's, null where it is not the reader's."""

    takeover_id: int
    payer: str
    number: str
    claim: str | None
    cents: int
    given_back_cents: int


async def paid_by(conn: Connection, account_id: int, claim_id: int, limit: int = 200) -> list[PaidBy]:
    """Who paid for a claim under agreements, newest first, at most `limit`."""
    rows = await conn.fetch(
        """select t.takeover_id, t.payer, t.number, k.reference as claim, t.cents,
             coalesce((select sum(b.cents)::bigint from takeover_return b where b.account_id = t.account_id
               and b.claim_id = t.claim_id and b.takeover_id = t.takeover_id), 0) as given_back_cents
           from takeover t left join claim k on k.account_id = t.payer_account_id and k.claim_id = t.takeover_id
           where t.account_id = $1 and t.claim_id = $2 order by t.takeover_id desc limit $3""",
        *(account_id, claim_id, limit),
    )
    return [PaidBy(**dict(row)) for row in rows]


class TakenFrom(msgspec.Struct, frozen=True, kw_only=True):
    """The claim that was taken over, of which provider, and under which agreement (the number that the parties use)."""

    claim: str
    debtor: str
    agreement_id: int
    number: str


async def taken_from(conn: Connection, account_id: int, claim_id: int) -> TakenFrom | None:
    """Where a claim that was taken over comes from; None when that is of a risk carrier that is not the reader's."""
    row = await conn.fetchrow(
        """select c.reference as claim, v.name as debtor, t.agreement_id, t.number
           from takeover t join claim c on c.account_id = t.account_id and c.claim_id = t.claim_id
             join running_account a on a.account_id = t.account_id join provider v on v.provider_id = a.provider_id
           where t.payer_account_id = $1 and t.takeover_id = $2""",
        *(account_id, claim_id),
    )
    return None if row is None else TakenFrom(**dict(row))
