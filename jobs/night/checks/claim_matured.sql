-- A quiet credit became a claim with a letter when its policy said so: after its days, under the reason that the policy names, due after its letter.
-- Protects: CR-9 (DS93, CM93).
-- Scope: all
-- Invariant: C5
select m.risk_carrier_id, m.account_id,
  format('claim %s of %s matured on %s from reason %s to %s, due %s; the policy says after %s days to %s', m.claim_id, c.registered_on, m.matured_on, m.from_reason_id,
    m.to_reason_id, m.due_date, rp.matures_days, rp.matures_to) as what
from claim_maturity m left join claim c on c.account_id = m.account_id and c.claim_id = m.claim_id
  left join run r on r.risk_carrier_id = m.risk_carrier_id and r.business_date = m.matured_on
  left join reason_policy rp on rp.policy_version_id = r.policy_version_id and rp.reason_id = m.from_reason_id
where c.reason_id is distinct from m.from_reason_id or c.registered_on > m.matured_on
  or r.run_id is not null and (rp.quiet is not true or rp.matures_to is distinct from m.to_reason_id or c.registered_on + rp.matures_days > m.matured_on)
