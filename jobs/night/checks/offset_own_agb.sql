-- A line of the pass "own AGB" joins a declaration and a claim of the same AGB registration; and where the policy has that pass before "same
-- entity", a line of the latter joins two: what the own code could take was taken by then (unless the claim's reason leaves out "own AGB").
-- Protects: law 5 (own AGB first); design §3 allocation.
-- Scope: all (a million lines against their declarations: the schedule, not the night)
-- Invariant: C11
select p.risk_carrier_id, p.account_id,
  format('line %s of declaration %s on claim %s: pass %s, AGB registrations %s and %s', p.line, p.event_id, p.claim_id,
    case p.pass when 3 then 'own AGB' else 'same entity' end, d.agb_id, c.agb_id) as what
from posting p
  left join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  left join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
where :run_id is null and p.kind in (2, 3, 4) and (p.pass = 3 and c.agb_id is distinct from d.agb_id
  or p.pass = 4 and c.agb_id = d.agb_id and c.kind <> 8 and exists (
    select 1 from run r join policy_version v on v.policy_version_id = r.policy_version_id
    where r.risk_carrier_id = p.risk_carrier_id and r.business_date = p.booking_date and array_position(v.passes, 3::smallint) < array_position(v.passes, 4::smallint)
      and not exists (
        select 1 from claim_position k left join claim_maturity m on m.account_id = k.account_id and m.claim_id = k.claim_id and m.matured_on >= p.booking_date
          join reason_policy rp on rp.policy_version_id = v.policy_version_id and rp.reason_id = coalesce(m.from_reason_id, k.reason_id)
        where k.account_id = p.account_id and k.claim_id = p.claim_id and 3 <> all (rp.passes))))
