-- A due date never lies before the letter, and changes of it form a chain that ends in the date of today.
-- Protects: CR-7; bad input "a due date before the letter date".
-- Scope: run (the risk carrier)
-- Invariant: C5
select c.risk_carrier_id, c.account_id, format('claim %s: letter of %s, due on %s', c.claim_id, c.letter_date, c.due_date) as what
from claim c where c.due_date < c.letter_date and (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
union all
select m.risk_carrier_id, m.account_id, format('matured claim %s: letter of %s, due on %s', m.claim_id, m.letter_date, m.due_date)
from claim_maturity m where m.due_date < m.letter_date and (:run_id is null or m.risk_carrier_id = :carrier)
union all
select x.risk_carrier_id, x.account_id, format('claim %s: change %s of the due date starts from %s, and it was %s', x.claim_id, x.change_id, x.old_due_date, x.before)
from (
  select d.*, coalesce(lag(d.new_due_date) over (partition by d.account_id, d.claim_id order by d.change_id), c.due_date) as before, m.claim_id as matured
  from claim_due_date d left join claim c on c.account_id = d.account_id and c.claim_id = d.claim_id
    left join claim_maturity m on m.account_id = d.account_id and m.claim_id = d.claim_id
  where (:run_id is null or d.risk_carrier_id = :carrier)) x
where x.old_due_date is distinct from x.before and x.matured is null   -- a maturity gives a due date of its own in between
