-- Per running account the ledger account "payable to provider" holds what was given back and is queued for the next night, nothing else:
-- every settled or returned cent was offset, paid out or taken back.
-- Protects: design §2 rows "declaration settled", "offset", "payout", "offset reversed", "declaration withdrawn" together.
-- Scope: run; accounts with money given back or a withdrawal (for the others declaration_settled and payout_totals prove the same)
-- Invariant: L3, L10, D9
with account as (
  select r.account_id from offset_reversal r where (:run_id is null or r.risk_carrier_id = :carrier)
  union select w.account_id from declaration_withdrawal w where (:run_id is null or w.risk_carrier_id = :carrier)
  union select ra.account_id from running_account ra where :run_id is null),
balance as (
  select p.account_id, sum(case when p.credit = 1 then p.cents else -p.cents end)::bigint as cents
  from account a join posting p on p.account_id = a.account_id where 1 in (p.debit, p.credit) group by p.account_id),
queued as (select q.account_id, sum(q.cents)::bigint as cents from payable q where q.kind = 2 group by q.account_id)
select ra.risk_carrier_id, a.account_id, format('payable to provider stands at %s cents, queued to be given back: %s', coalesce(b.cents, 0), coalesce(q.cents, 0)) as what
from account a join running_account ra on ra.account_id = a.account_id left join balance b on b.account_id = a.account_id left join queued q on q.account_id = a.account_id
where coalesce(b.cents, 0) <> coalesce(q.cents, 0)
