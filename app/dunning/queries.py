"""Which reminders and hand-overs the nights have proposed."""

from datetime import date

import msgspec

from app.core.db import Connection

REMINDER, AGENCY = 1, 2


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a night proposed for a claim. kind 1 = reminder, 2 = hand-over to the agency; `open_cents` then."""

    account_id: int
    claim_id: int
    reference: str
    kind: int
    step_no: int
    proposed_on: date
    open_cents: int
    term_days: int | None


_PROPOSALS = """
select p.account_id, p.claim_id, c.reference, p.kind, p.step_no, p.proposed_on, p.open_cents, d.term_days
from dunning_proposal p join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  join run r on r.run_id = p.run_id
  join claim_position o on o.account_id = p.account_id and o.claim_id = p.claim_id
  left join dunning_policy d on d.policy_version_id = r.policy_version_id and d.reason_id = o.reason_id
    and d.step_no = p.step_no and p.kind = 1
where p.risk_carrier_id = $1 and ($2::date is null or p.proposed_on = $2) and ($3::smallint is null or p.kind = $3)
  and (p.kind <> 1 or not exists (
    select 1 from claim_step s where s.account_id = p.account_id and s.claim_id = p.claim_id and s.kind = 2
      and s.step_no = p.step_no))
order by p.proposed_on, p.account_id, p.claim_id, p.kind
"""


async def open_proposals(
    connection: Connection, risk_carrier_id: int, *, proposed_on: date | None = None, kind: int | None = None
) -> list[Proposal]:
    """The proposals that nobody has taken over yet, oldest first; of one date or kind if asked."""
    rows = await connection.fetch(_PROPOSALS, risk_carrier_id, proposed_on, kind)
    return [Proposal(**dict(row)) for row in rows]
