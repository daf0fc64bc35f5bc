-- Nothing is taken over without a registered agreement of the two running accounts that held on the business date of its night, and nothing that
-- was taken over before: who owes it has no agreement with the next payer. It is offset in the night that took it over, or goes back.
-- Protects: OF-10; both debts between the same two parties, unless both agreed otherwise (art. 6:127 BW).
-- Scope: run
-- Invariant: C11
select coalesce(ra.risk_carrier_id, t.risk_carrier_id), t.payer_account_id,   -- the payer's, as in agreement_booked
  format('takeover %s of %s cents of account %s (claim of kind %s) in the night of %s; agreement %s holds from %s until %s, ended %s', t.takeover_id, t.cents, t.account_id, c.kind,
    r.business_date, g.agreement_id, g.valid_from, g.valid_until, g.ended_on) as what
from takeover t left join run r on r.run_id = t.run_id left join running_account ra on ra.account_id = t.payer_account_id
  left join claim c on c.account_id = t.account_id and c.claim_id = t.claim_id
  left join offset_agreement g on g.account_id = t.payer_account_id and g.debtor_account_id = t.account_id and g.agreement_id = t.agreement_id
where (:run_id is null or t.run_id = :run_id)
  and (g.agreement_id is null or r.business_date is null or r.risk_carrier_id <> g.risk_carrier_id or r.business_date < g.valid_from
    or r.business_date > g.valid_until or r.business_date >= g.ended_on or c.kind = 8)
union all
select p.risk_carrier_id, p.account_id, format('claim %s was taken over on %s, and declaration %s paid %s cents of it on %s', c.claim_id, c.registered_on, p.event_id, p.cents, p.booking_date)
from takeover t join claim c on c.account_id = t.payer_account_id and c.claim_id = t.takeover_id
  join posting p on p.account_id = c.account_id and p.claim_id = c.claim_id and p.kind between 2 and 4
where p.booking_date <> c.registered_on and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
