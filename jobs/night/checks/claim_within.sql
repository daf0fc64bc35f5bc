-- What is owed of a claim lies between zero and its original amount with its adjustments, and those never take more than there was.
-- Protects: CR-4 (the amount changes only by a reasoned entry); no reversal brings back more than was taken.
-- Scope: all
-- Invariant: C3
select c.risk_carrier_id, c.account_id,
  format('claim %s of %s cents, adjusted by %s, has %s open', c.claim_id, c.original_cents, coalesce(a.delta, 0), k.open_principal_cents) as what
from claim c join claim_position k on k.account_id = c.account_id and k.claim_id = c.claim_id
  left join (select x.account_id, x.claim_id, sum(x.delta_cents)::bigint as delta from adjustment x where x.kind in (1, 2) group by x.account_id, x.claim_id) a
    on a.account_id = c.account_id and a.claim_id = c.claim_id
where k.open_principal_cents not between 0 and c.original_cents + coalesce(a.delta, 0)
