-- The held cents of a claim are what its active holds keep out of offset, at most what is open.
-- Protects: guard "no offset of what is disputed, planned, blocked, at an agency or insolvent" (art. 6:127 BW; design §1 held).
-- Scope: run (the risk carrier)
-- Invariant: C8, C9, C12
with held as (
  select h.account_id, h.claim_id, bool_or(h.cents is null) as everything, coalesce(sum(h.cents), 0)::bigint as cents
  from hold h
  where h.claim_id is not null and h.active and h.ended_on is null and h.for_offset and (:run_id is null or h.risk_carrier_id = :carrier)
  group by h.account_id, h.claim_id),
position as (
  select k.*, k.open_principal_cents + k.open_costs_cents + k.open_interest_cents as open_cents
  from claim_position k where (:run_id is null or k.risk_carrier_id = :carrier))
select k.risk_carrier_id, k.account_id,
  format('claim %s: held %s of %s open; its active holds: %s%s', k.claim_id, k.held_cents, k.open_cents, coalesce(h.cents, 0),
    case when h.everything then ' and one on all of it' else '' end) as what
from position k left join held h on h.account_id = k.account_id and h.claim_id = k.claim_id
where k.held_cents <> case when h.everything then k.open_cents else least(k.open_cents, coalesce(h.cents, 0)) end
