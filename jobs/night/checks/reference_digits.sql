-- References that Vereffen made bear the right check digits: those of claims (ISO 7064 MOD 11,10) and the payment references of letters.
-- Protects: CR-5: a typing error in a reference leads nowhere, not to another claim.
-- Scope: all
-- References of letters from before go-live are kept as they were.
-- Invariant: M5
select r.risk_carrier_id, r.account_id, format('reference %s of claim %s has a wrong check digit or form', r.reference, r.claim_id) as what
from claim_reference r
where case when r.reference ~ '^VOR-[0-9]{4}-[0-9]{8,18}-[0-9]$'
  then right(r.reference, 1) <> check_digit_11_10(substr(r.reference, 5, 4) || substr(r.reference, 10, length(r.reference) - 11)) else true end
union all
select r.risk_carrier_id, r.account_id, format('payment reference %s (%s) has a wrong check digit or form', r.reference, r.document)
from payment_reference r
where case when r.reference ~ '^[0-9]{16}$' then payment_reference_digits(substr(r.reference, 2)::bigint) <> r.reference else true end
  and not exists (
    select 1 from payment_reference_claim x join claim c on c.account_id = x.account_id and c.claim_id = x.claim_id
    where x.account_id = r.account_id and x.reference = r.reference and c.opening)
