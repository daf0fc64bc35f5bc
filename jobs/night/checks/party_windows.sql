-- An AGB code has one owner on any day, a practice or entity one IBAN, a UZOVI code one risk carrier; and a practice's AGB code is one of its own
-- provider.
-- Protects: CR-8: a declaration finds one provider, and its money one account.
-- Scope: all
-- Invariant: T1
select null::smallint as risk_carrier_id, null::bigint as account_id, x.what
from (
  select format('AGB code %s is registered twice on %s (registrations %s and %s)', a.agb, a.valid_from, a.before, a.agb_id) as what
  from (select r.*, max(coalesce(r.valid_until, 'infinity')) over w as upto, lag(r.agb_id) over w as before
        from agb_registration r window w as (partition by r.agb order by r.valid_from, r.agb_id rows between unbounded preceding and 1 preceding)) a
  where a.valid_from <= a.upto
  union all
  select format('provider %s, practice %s has two IBANs on %s (%s and %s)', i.provider_id, i.practice_id, i.valid_from, i.before, i.iban_id)
  from (select r.*, max(coalesce(r.valid_until, 'infinity')) over w as upto, lag(r.iban_id) over w as before
        from payee_iban r window w as (partition by r.provider_id, r.practice_id order by r.valid_from, r.iban_id rows between unbounded preceding and 1 preceding)) i
  where i.valid_from <= i.upto
  union all
  select format('UZOVI code %s has two risk carriers on %s', u.uzovi, u.valid_from)
  from (select r.*, max(coalesce(r.valid_until, 'infinity')) over w as upto
        from uzovi_code r window w as (partition by r.uzovi order by r.valid_from, r.risk_carrier_id rows between unbounded preceding and 1 preceding)) u
  where u.valid_from <= u.upto
  union all
  select format('AGB registration %s of provider %s names practice %s of provider %s', a.agb_id, a.provider_id, a.practice_id, p.provider_id)
  from agb_registration a join practice p on p.practice_id = a.practice_id where p.provider_id <> a.provider_id) x
