-- A declaration is paid on the IBAN of its AGB code's practice, or else on the entity's own.
-- Protects: one payout per running account and IBAN (OF-7); only providers with an IBAN of a practice can differ.
-- Scope: run
select y.risk_carrier_id, y.account_id,
  format('declaration %s of AGB registration %s is paid on IBAN %s and should go to %s', d.declaration_id, d.agb_id, y.iban_id, coalesce(own.iban_id, entity.iban_id)) as what
from running_account ra
  join payout y on y.account_id = ra.account_id
  join posting p on p.account_id = y.account_id and p.payout_id = y.payout_id and p.kind = 1 and p.booking_date = y.business_date
  join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
  join agb_registration a on a.agb_id = d.agb_id
  left join payee_iban own on own.provider_id = a.provider_id and own.practice_id = a.practice_id
    and own.valid_from <= y.business_date and coalesce(own.valid_until, 'infinity') >= y.business_date
  left join payee_iban entity on entity.provider_id = a.provider_id and entity.practice_id is null
    and entity.valid_from <= y.business_date and coalesce(entity.valid_until, 'infinity') >= y.business_date
where ra.provider_id in (select i.provider_id from payee_iban i where i.practice_id is not null)
  and (:run_id is null or y.run_id = :run_id and p.booking_date = :day and p.risk_carrier_id = :carrier)
  and coalesce(own.iban_id, entity.iban_id) is distinct from y.iban_id
