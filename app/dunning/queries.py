"""Which reminders and hand-overs the nights have proposed."""

from datetime import date

import msgspec

from app.core.db import Connection, plan_for_values

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


class Proposed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A proposal over HTTP: a reminder or a hand-over to the agency; `takenOver`: the reminder was recorded.

    `openCents` is what the night would ask for, `openNowCents` what is open on the claim now.
    """

    claim: str
    risk_carrier: str
    provider: str
    kind: str
    step_no: int
    proposed_on: date
    open_cents: int
    open_now_cents: int
    term_days: int | None
    taken_over: bool


Place = tuple[date, int, int, int, int]
START: Place = (date.min, 0, 0, 0, 0)
KINDS = {REMINDER: "reminder", AGENCY: "agency", 3: "letter"}
_LIST = """
select w.account_id, w.claim_id, w.kind, w.step_no, w.proposed_on, w.open_cents, w.taken_over, c.reference as claim,
  f.code as risk_carrier, v.number as provider, d.term_days, o.open_now_cents
from (
  select p.*, p.kind = 1 and exists (select 1 from claim_step s where s.account_id = p.account_id
      and s.claim_id = p.claim_id and s.kind = 2 and s.step_no = p.step_no) as taken_over
  from dunning_proposal p
  where (p.proposed_on, p.account_id, p.claim_id, p.kind, p.step_no) > ($1, $2, $3, $4, $5)
    and ($6::smallint is null or p.risk_carrier_id = $6) and ($7::date is null or p.proposed_on = $7)
    and ($8::smallint is null or p.kind = $8)
    and (not $9 or p.kind <> 1 or not exists (select 1 from claim_step s where s.account_id = p.account_id
      and s.claim_id = p.claim_id and s.kind = 2 and s.step_no = p.step_no))
  order by p.proposed_on, p.account_id, p.claim_id, p.kind, p.step_no limit $10) w
cross join lateral (select x.reference from claim x
  where x.account_id = w.account_id and x.claim_id = w.claim_id offset 0) c
cross join lateral (select x.reason_id,
    x.open_principal_cents + x.open_costs_cents + x.open_interest_cents as open_now_cents from claim_position x
  where x.account_id = w.account_id and x.claim_id = w.claim_id offset 0) o
join risk_carrier f on f.risk_carrier_id = w.risk_carrier_id
cross join lateral (select x.number from running_account a join provider x using (provider_id)
  where a.account_id = w.account_id offset 0) v
join run r on r.run_id = w.run_id
left join dunning_policy d on d.policy_version_id = r.policy_version_id and d.reason_id = o.reason_id
  and d.step_no = w.step_no and w.kind = 1
order by w.proposed_on, w.account_id, w.claim_id, w.kind, w.step_no
"""


async def list_proposals(
    connection: Connection,
    risk_carrier_id: int | None,
    *,
    proposed_on: date | None,
    kind: int | None,
    open_only: bool,
    after: Place,
    limit: int,
) -> tuple[list[Proposed], Place | None]:
    """A page of the proposals of a risk carrier, oldest first, and the place after it (None: that was all).

    Without `risk_carrier_id`: of all risk carriers that the role of the connection sees.
    """
    await plan_for_values(connection)
    rows = await connection.fetch(_LIST, *(*after, risk_carrier_id, proposed_on, kind, open_only, limit + 1))
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    place = None
    if last is not None:
        place = (last["proposed_on"], last["account_id"], last["claim_id"], last["kind"], last["step_no"])
    fields = [field for field in Proposed.__struct_fields__ if field != "kind"]
    return [Proposed(**{field: row[field] for field in fields}, kind=KINDS[row["kind"]]) for row in shown], place


async def reminder_of(
    connection: Connection, account_id: int, claim_id: int, on: date
) -> tuple[int, int | None] | None:
    """(step number, term in days by the policy of that night) of the reminder proposed for a claim on a date."""
    row = await connection.fetchrow(
        """select p.step_no, d.term_days from dunning_proposal p join run r on r.run_id = p.run_id
             join claim_position o on o.account_id = p.account_id and o.claim_id = p.claim_id
             left join dunning_policy d on d.policy_version_id = r.policy_version_id and d.reason_id = o.reason_id
               and d.step_no = p.step_no
           where p.account_id = $1 and p.claim_id = $2 and p.kind = 1 and p.proposed_on = $3
           order by p.step_no desc limit 1""",
        *(account_id, claim_id, on),
    )
    return None if row is None else (row["step_no"], row["term_days"])


async def open_proposals(
    connection: Connection, risk_carrier_id: int, *, proposed_on: date | None = None, kind: int | None = None
) -> list[Proposal]:
    """The proposals that nobody has taken over yet, oldest first; of one date or kind if asked."""
    rows = await connection.fetch(_PROPOSALS, risk_carrier_id, proposed_on, kind)
    return [Proposal(**dict(row)) for row in rows]
