"""Answers from stored decisions: why a claim was offset, or was not."""

from datetime import date

import asyncpg
import msgspec

from app.core.db import Connection
from app.core.errors import Refusal


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """The decision that holds for a claim on a day, with the facts it rests on; amounts in cents."""

    reference: str
    on: date
    code: str
    text_nl: str
    text_en: str
    decided_on: date | None = None
    until: date | None = None
    run_id: int | None = None
    open_cents: int | None = None
    held_cents: int | None = None
    offset_cents: int | None = None
    fact_date: date | None = None
    hold: str | None = None
    policy_version: int | None = None


HOLDS = {
    1: "betwisting",
    2: "betalingsregeling",
    3: "blokkade",
    4: "incassobureau",
    5: "insolventie",
    6: "cessie of verpanding",
    7: "beslag",
    8: "reservering",
    9: "onderzoek",
}

_LOCATE = """
select r.account_id, r.claim_id, c.reference, c.registered_on
from claim_reference r join claim c on c.account_id = r.account_id and c.claim_id = r.claim_id where r.reference = $1
"""
# One row a claim and day on which the answer was given anew; it holds until the next one.
_WHY = """
select d.valid_from as decided_on, d.run_id, d.open_cents, d.held_cents, d.offset_cents, d.fact_date,
  d.hold_kind, a.code, a.text_nl, a.text_en,
  p.version as policy_version,
  (select min(n.valid_from) - 1 from decision n where n.account_id = d.account_id and n.claim_id = d.claim_id
    and n.valid_from > d.valid_from) as until
from decision d join decision_answer a using (answer) join policy_version p using (policy_version_id)
where d.account_id = $1 and d.claim_id = $2 and d.valid_from <= $3 order by d.valid_from desc limit 1
"""


async def why(connection: Connection, reference: str, on: date) -> Why:
    """Why the claim with that reference was, or was not, offset on that day; from stored rows only.

    Refusal 404 when the reference was never issued.
    """
    claim = await connection.fetchrow(_LOCATE, reference.strip().upper())
    if claim is None:
        raise Refusal("unknown_claim", f"There is no claim {reference}.", status=404, field="claim")
    if on < claim["registered_on"]:
        return Why(
            reference=claim["reference"],
            on=on,
            code="not yet registered",
            text_nl=f"De vordering bestond nog niet; zij is geregistreerd op {claim['registered_on']:%d-%m-%Y}",
            text_en=f"The claim did not exist yet; it was registered on {claim['registered_on']}",
        )
    row = await connection.fetchrow(_WHY, claim["account_id"], claim["claim_id"], on)
    if row is None:
        return Why(
            reference=claim["reference"],
            on=on,
            code="no night yet",
            text_nl="Er is nog geen nacht geweest die naar deze vordering keek",
            text_en="No night has looked at this claim yet",
        )
    facts = dict(row)
    hold_kind = facts.pop("hold_kind")
    return Why(reference=claim["reference"], on=on, hold=HOLDS.get(hold_kind), **facts)


async def carrier_of_account(conn: Connection, account_id: int) -> int | None:
    """Risk carrier of a running account; None when there is no such account."""
    found: int | None = await conn.fetchval(
        "select risk_carrier_id from running_account where account_id = $1", account_id
    )
    return found


async def account_of_agreement(conn: Connection, agreement_id: int) -> int | None:
    """The payer's running account of an agreement; None when there is no such agreement."""
    found: int | None = await conn.fetchval(
        "select account_id from offset_agreement where agreement_id = $1", agreement_id
    )
    return found


async def agreement_between(
    conn: Connection, payer: int, debtor: int, valid_from: date, valid_until: date | None
) -> str | None:
    """Number of an agreement of this pair that holds on one of those days; under the payer's lock."""
    found: str | None = await conn.fetchval(
        """select number from offset_agreement
           where account_id = $1 and debtor_account_id = $2 and valid_from <= coalesce($4::date, 'infinity')
             and coalesce(valid_until, 'infinity') >= $3::date and (ended_on is null or ended_on > $3)
             and (ended_on is null or ended_on > valid_from)
           order by agreement_id limit 1""",
        payer,
        debtor,
        valid_from,
        valid_until,
    )
    return found


async def reason_in_force(conn: Connection, risk_carrier_id: int, code: str, on: date) -> asyncpg.Record | None:
    """reason_id of a code in the policy of a date, and whether it is fit for an agreement; None: not in the policy."""
    return await conn.fetchrow(
        """select r.reason_id, p.quiet and p.offset_mode = 3 and p.offset_start = 1 as fit
           from reason_code r join reason_policy p using (reason_id)
           where r.risk_carrier_id = $1 and r.code = $2 and p.policy_version_id = (
             select v.policy_version_id from policy_version v where v.risk_carrier_id = $1 and v.valid_from <= $3
             order by v.valid_from desc, v.version desc limit 1)""",
        risk_carrier_id,
        code,
        on,
    )
