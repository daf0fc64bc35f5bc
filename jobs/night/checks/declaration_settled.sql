-- A declaration is settled for its awarded amount, on the running account of its own provider and risk carrier, and not before
-- the night that may settle it (what came after the cut-off belongs to the next night).
-- Protects: design §2 row "declaration settled"; design §3 cut-off; never across providers or risk carriers.
-- Scope: run
select p.risk_carrier_id, p.account_id,
  format('declaration %s settled for %s cents on %s: awarded %s, risk carrier %s, available on %s, provider %s (account: %s)',
    p.event_id, p.cents, p.booking_date, d.awarded_cents, d.risk_carrier_id, d.available_on, a.provider_id, ra.provider_id) as what
from posting p
  left join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
  left join agb_registration a on a.agb_id = d.agb_id
  left join running_account ra on ra.account_id = p.account_id
where p.kind = 1 and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  and (d.awarded_cents is distinct from p.cents or p.line <> 0 or d.risk_carrier_id <> p.risk_carrier_id
    or d.available_on > p.booking_date or a.provider_id is distinct from ra.provider_id)
