-- Every posting lies on a running account that exists, under the risk carrier of that account.
-- Protects: the guard that risk carriers are never mixed (design §1, running account).
-- Scope: run
select p.risk_carrier_id, p.account_id,
  format('posting of event %s, kind %s names risk carrier %s; running account %s belongs to %s',
    p.event_id, p.kind, p.risk_carrier_id, p.account_id, coalesce(ra.risk_carrier_id::text, 'nobody')) as what
from posting p left join running_account ra on ra.account_id = p.account_id
where (:run_id is null or p.booking_date = :day and (p.risk_carrier_id = :carrier or ra.risk_carrier_id = :carrier))
  and ra.risk_carrier_id is distinct from p.risk_carrier_id
