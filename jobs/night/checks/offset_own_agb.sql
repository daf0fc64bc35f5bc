-- A line of the pass "own AGB" joins a declaration and a claim of the same AGB registration.
-- Protects: law 5 (own AGB first); design §3 allocation.
-- Scope: all (a million lines against their declarations: the schedule, not the night)
-- Invariant: C11
select p.risk_carrier_id, p.account_id,
  format('line %s of declaration %s on claim %s: pass own AGB, AGB registrations %s and %s', p.line, p.event_id, p.claim_id, d.agb_id, c.agb_id) as what
from posting p
  left join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  left join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
where :run_id is null and p.kind in (2, 3, 4) and p.pass = 3 and c.agb_id is distinct from d.agb_id
