-- A declaration is settled once in its life, and every declaration is queued, settled or withdrawn before settlement: one of the three.
-- Protects: design §2 row "declaration settled"; nothing is lost between queue and books.
-- Scope: all (its history is in every partition; within a night declaration_settled, posting_fits and queue_left see it)
-- First running account by running account: as many, with the same ids (compared by two sums). Only where that fails is each declaration looked up.
-- weight: 5
-- Invariant: D2
with told as (
  select d.account_id, 1 as sign, d.declaration_id as id from declaration d
  union all select p.account_id, -1, p.event_id from posting p where p.kind = 1
  union all select q.account_id, -1, q.entry_id from payable q where q.kind = 1
  union all select w.account_id, -1, w.declaration_id from declaration_withdrawal w where not w.settled),
suspect as (
  select t.account_id from told t group by t.account_id
  having sum(t.sign) <> 0 or sum_cents(t.sign * t.id) <> 0 or sum_cents(t.sign * hashint8(t.id)::bigint) <> 0)
select x.risk_carrier_id, x.account_id,
  format('declaration %s: %s times settled, %s times queued, %s times withdrawn before settlement', x.declaration_id, x.settled, x.queued, x.withdrawn) as what
from suspect s cross join lateral (
  select d.risk_carrier_id, d.account_id, d.declaration_id,
    (select count(*) from posting p where p.account_id = d.account_id and p.event_id = d.declaration_id and p.kind = 1) as settled,
    (select count(*) from payable q where q.account_id = d.account_id and q.entry_id = d.declaration_id and q.kind = 1) as queued,
    (select count(*) from declaration_withdrawal w where w.account_id = d.account_id and w.declaration_id = d.declaration_id and not w.settled) as withdrawn
  from declaration d where d.account_id = s.account_id offset 0) x
where x.settled + x.queued + x.withdrawn <> 1
