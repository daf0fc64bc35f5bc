"""Answers from stored decisions: why a claim was offset, or was not."""

from datetime import date

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
