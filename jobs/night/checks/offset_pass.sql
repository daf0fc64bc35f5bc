-- Every offset line was made by a pass of the policy of its night; a line of the own-AGB pass joins two of the same AGB registration.
-- Protects: law 5 (the order is the policy's); design §3 allocation.
-- Scope: run
-- weight: 6
select p.risk_carrier_id, p.account_id,
  format('line %s of declaration %s on claim %s: pass %s, passes of the policy %s, AGB registrations %s and %s', p.line, p.event_id, p.claim_id, p.pass,
    v.passes::text, d.agb_id, c.agb_id) as what
from posting p left join run r on r.risk_carrier_id = p.risk_carrier_id and r.business_date = p.booking_date
  left join policy_version v on v.policy_version_id = r.policy_version_id
  left join claim c on p.pass = 3 and c.account_id = p.account_id and c.claim_id = p.claim_id
  left join declaration d on p.pass = 3 and d.account_id = p.account_id and d.declaration_id = p.event_id
where p.kind between 2 and 4 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  and (p.pass = any (v.passes) is not true or p.pass = 3 and c.agb_id is distinct from d.agb_id)
