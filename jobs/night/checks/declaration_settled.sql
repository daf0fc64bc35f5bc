-- A declaration is settled for its awarded amount, on the running account of its own provider and risk carrier, paid on the IBAN of its
-- AGB code's practice (or else the entity's own), and not before the night that may settle it (what came after the cut-off belongs to the next).
-- Protects: design §2 row "declaration settled"; design §3 cut-off; one payout per running account and IBAN (OF-7).
-- Scope: run
-- weight: 16
with payee as (                                   -- where the money of an AGB registration goes, by the days on which that holds
  select ra.account_id, a.agb_id, i.iban_id, i.valid_from, i.valid_until, i.practice_id is not null as own
  from running_account ra join agb_registration a on a.provider_id = ra.provider_id
    join payee_iban i on i.provider_id = a.provider_id and (i.practice_id = a.practice_id or i.practice_id is null)
  where (:run_id is null or ra.risk_carrier_id = :carrier)),
own as (                                          -- an IBAN of the entity only where the practice has none on the day
  select y.payout_id, y.account_id, p.agb_id, case when bool_or(p.own) then bool_or(p.own and p.iban_id = y.iban_id) else bool_or(p.iban_id = y.iban_id) end as here
  from payout y join payee p on p.account_id = y.account_id and p.valid_from <= y.business_date and coalesce(p.valid_until, 'infinity') >= y.business_date
  where (:run_id is null or y.run_id = :run_id)
  group by y.payout_id, y.account_id, p.agb_id),
allowed as (select o.payout_id, o.account_id, array_agg(o.agb_id) as agbs from own o where o.here group by o.payout_id, o.account_id)
select p.risk_carrier_id, p.account_id,
  format('declaration %s settled for %s cents on %s in payout %s: awarded %s, risk carrier %s, available on %s, AGB registration %s (paid there: %s)',
    p.event_id, p.cents, p.booking_date, p.payout_id, d.awarded_cents, d.risk_carrier_id, d.available_on, d.agb_id, a.agbs::text) as what
from posting p
  left join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
  left join allowed a on a.payout_id = p.payout_id
where p.kind = 1 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  and (d.awarded_cents is distinct from p.cents or p.line <> 0 or d.risk_carrier_id <> p.risk_carrier_id or d.available_on > p.booking_date
    or a.account_id is distinct from p.account_id or not d.agb_id = any (a.agbs))
