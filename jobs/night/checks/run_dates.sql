-- No business date is missing between the first and the last run of a risk carrier: the nights of all calendar days run, those that are
-- no TARGET day pay on the next one.
-- Protects: OP-1 "missed dates are made up in order".
-- Scope: all
-- Invariant: D7
select x.risk_carrier_id, null::bigint as account_id, format('no run between %s and %s', x.before, x.business_date) as what
from (select r.risk_carrier_id, r.business_date, lag(r.business_date) over (partition by r.risk_carrier_id order by r.business_date) as before
      from run r where :run_id is null) x
where x.business_date - x.before > 1
