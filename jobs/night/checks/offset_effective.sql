-- An offset works back to the day on which both debts could be paid: the later of the declaration's approval and the claim's due date, as it
-- was then; at the latest the day of the night.
-- Protects: art. 6:129 BW; interest and reminders count from it.
-- Scope: all (a million lines against their declarations: the schedule, not the night)
-- Invariant: C20
select p.risk_carrier_id, p.account_id,
  format('line %s of declaration %s on claim %s of %s works from %s; approved on %s, due on %s', p.line, p.event_id, p.claim_id, p.booking_date, p.effective_date,
    (d.approved_at at time zone 'Europe/Amsterdam')::date, c.due_date) as what
from posting p
  join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
  join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  left join (select account_id, claim_id from claim_due_date union select account_id, claim_id from claim_maturity) x
    on x.account_id = p.account_id and x.claim_id = p.claim_id      -- the due date moved: only the other day is sure
where :run_id is null and p.kind in (2, 3, 4)
  and (p.effective_date < least((d.approved_at at time zone 'Europe/Amsterdam')::date, p.booking_date) or p.effective_date > p.booking_date
    or x.claim_id is null and p.effective_date <> least(p.booking_date, greatest((d.approved_at at time zone 'Europe/Amsterdam')::date, c.due_date)))
