-- Every IBAN that money goes to or comes from has right check digits (ISO 13616), and a practice's IBAN is one of its own provider.
-- Protects: a payout never leaves for a mistyped account.
-- Scope: all
-- Invariant: P6
with known as (
  select null::smallint as risk_carrier_id, 'payee IBAN ' || i.iban_id as what, i.iban, i.provider_id, p.provider_id as practice_of
  from payee_iban i left join practice p on p.practice_id = i.practice_id
  union all
  select r.risk_carrier_id, 'IBAN of risk carrier ' || r.code, replace(r.debtor_iban, ' ', ''), null, null from risk_carrier r)
select k.risk_carrier_id, null::bigint as account_id,
  format('%s (ends on %s)%s', k.what, right(k.iban, 4), case when k.practice_of <> k.provider_id then ' is of a practice of another provider' else ' has wrong check digits' end) as what
from known k
where k.practice_of <> k.provider_id
  or (select string_agg(case when c between '0' and '9' then c else (ascii(c) - 55)::text end, '' order by n)
      from string_to_table(substr(k.iban, 5) || substr(k.iban, 1, 4), null) with ordinality x(c, n))::numeric % 97 <> 1
