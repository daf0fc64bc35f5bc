-- A payout belongs to its run and goes to one IBAN of the account's own provider that is valid on the day; one payout per IBAN and run.
-- Protects: design §7 payouts; never to another provider.
-- Scope: run
-- Invariant: C11, D2
select y.risk_carrier_id, y.account_id,
  format('payout %s of %s on IBAN %s (provider %s, %s to %s), account of provider %s, run of %s', y.payout_id, y.business_date, y.iban_id,
    i.provider_id, i.valid_from, i.valid_until, ra.provider_id, r.business_date) as what
from payout y left join run r on r.run_id = y.run_id left join running_account ra on ra.account_id = y.account_id
  left join payee_iban i on i.iban_id = y.iban_id
where (:run_id is null or y.run_id = :run_id)
  and (r.business_date is distinct from y.business_date or r.risk_carrier_id <> y.risk_carrier_id or ra.risk_carrier_id is distinct from y.risk_carrier_id
    or i.provider_id is distinct from ra.provider_id or i.valid_from > y.business_date or i.valid_until < y.business_date)
union all
select y.risk_carrier_id, y.account_id, format('%s payouts of run %s go to IBAN %s', count(*), y.run_id, y.iban_id)
from payout y where (:run_id is null or y.run_id = :run_id)
group by y.risk_carrier_id, y.account_id, y.run_id, y.iban_id having count(*) > 1
