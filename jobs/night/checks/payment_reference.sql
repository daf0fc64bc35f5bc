-- A payment reference is issued once and leads to one or more claims of its running account; every step that states one has it issued.
-- Protects: CR-5; money received under an old reference still finds its claim.
-- Scope: run; references issued and steps sent from the night before on
-- Invariant: M5
select r.risk_carrier_id, r.account_id, format('payment reference %s (%s) leads to no claim', r.reference, r.document) as what
from payment_reference r
where (:run_id is null or r.risk_carrier_id = :carrier and r.issued_on >= :since)
  and not exists (select 1 from payment_reference_claim c where c.reference = r.reference and c.account_id = r.account_id)
union all
select c.risk_carrier_id, c.account_id, format('payment reference %s of claim %s was never issued on this running account', c.reference, c.claim_id)
from payment_reference_claim c left join payment_reference r on r.reference = c.reference and r.account_id = c.account_id
  left join claim k on k.account_id = c.account_id and k.claim_id = c.claim_id
where :run_id is null and (r.reference is null or k.claim_id is null)
union all
select min(r.risk_carrier_id), null, format('payment reference %s was issued %s times', r.reference, count(*))
from payment_reference r where :run_id is null group by r.reference having count(*) > 1
union all
select s.risk_carrier_id, s.account_id, format('step %s of claim %s states payment reference %s, which does not lead to the claim', s.step_id, s.claim_id, s.payment_reference)
from claim_step s left join payment_reference_claim c on c.account_id = s.account_id and c.claim_id = s.claim_id and c.reference = s.payment_reference
where (:run_id is null or s.risk_carrier_id = :carrier and s.sent_on >= :since) and s.payment_reference is not null and c.reference is null
