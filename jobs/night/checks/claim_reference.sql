-- Every claim has its own reference, which leads to it and to nothing else.
-- Protects: CR-5 (any reference ever issued leads back to its claim).
-- Scope: run; claims registered from the night before on (that no reference leads elsewhere is looked at over everything)
-- Invariant: M5
select c.risk_carrier_id, c.account_id, format('claim %s has reference %s, and that leads to claim %s', c.claim_id, c.reference, r.claim_id) as what
from claim c left join claim_reference r on r.reference = c.reference
where (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  and (r.account_id is distinct from c.account_id or r.claim_id is distinct from c.claim_id)
union all
select min(r.risk_carrier_id), null, format('reference %s leads to %s claims', r.reference, count(*))
from claim_reference r where :run_id is null group by r.reference having count(*) > 1
union all
select r.risk_carrier_id, r.account_id, format('reference %s leads to claim %s, which does not exist', r.reference, r.claim_id)
from claim_reference r left join claim c on c.account_id = r.account_id and c.claim_id = r.claim_id
where :run_id is null and c.claim_id is null
