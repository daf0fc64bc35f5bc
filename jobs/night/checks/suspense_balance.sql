-- What stands on account (suspense) of a running account is what was received and not yet matched, or freed: never below zero.
-- Protects: design §2 row "payment received"; money of a provider is given to claims once.
-- Scope: all (its history is in every partition)
-- Invariant: L10, P1
select min(p.risk_carrier_id)::smallint, p.account_id,
  format('on account: %s cents', sum(case when p.credit = 8 then p.cents else -p.cents end)) as what
from posting p where :run_id is null and 8 in (p.debit, p.credit)
group by p.account_id having sum(case when p.credit = 8 then p.cents else -p.cents end) < 0
