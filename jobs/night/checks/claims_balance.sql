-- Per running account the claims ledger accounts (principal, costs, interest) hold the sum of what is open on its claims.
-- Protects: law 2; a posting on claims money that no claim's position shows.
-- Scope: all (claim_position and offset_lines prove it claim by claim in the night)
-- Invariant: L10, C2
with booked as (
  select p.account_id, sum(case when p.debit in (2, 3, 4) then p.cents when p.credit in (2, 3, 4) then -p.cents end)::bigint as cents
  from posting p where :run_id is null group by p.account_id),
open as (
  select k.account_id, sum(k.open_principal_cents + k.open_costs_cents + k.open_interest_cents)::bigint as cents from claim_position k
  where :run_id is null group by k.account_id)
select ra.risk_carrier_id, coalesce(b.account_id, o.account_id), format('claims ledger stands at %s cents, open on claims: %s', coalesce(b.cents, 0), coalesce(o.cents, 0)) as what
from booked b full join open o on o.account_id = b.account_id left join running_account ra on ra.account_id = coalesce(b.account_id, o.account_id)
where coalesce(b.cents, 0) <> coalesce(o.cents, 0)
