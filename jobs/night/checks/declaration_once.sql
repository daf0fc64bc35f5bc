-- A declaration is settled once in its life, and every declaration is queued, settled or withdrawn before settlement: one of the three.
-- Protects: design §2 row "declaration settled"; nothing is lost between queue and books.
-- Scope: all (its history is in every partition; within a night offset_declaration and queue_left see it)
-- Invariant: D2
with settled as (
  select account_id, event_id as declaration_id, count(*) as times from posting where kind = 1 and :run_id is null group by account_id, event_id)
select d.risk_carrier_id, d.account_id,
  format('declaration %s: %s times settled, %s times queued, %s times withdrawn before settlement', d.declaration_id,
    coalesce(s.times, 0), count(q.entry_id), count(w.withdrawal_id)) as what
from declaration d left join settled s on s.account_id = d.account_id and s.declaration_id = d.declaration_id
  left join payable q on q.account_id = d.account_id and q.entry_id = d.declaration_id and q.kind = 1
  left join declaration_withdrawal w on w.account_id = d.account_id and w.declaration_id = d.declaration_id and not w.settled
where :run_id is null
group by d.risk_carrier_id, d.account_id, d.declaration_id, s.times
having coalesce(s.times, 0) + count(q.entry_id) + count(w.withdrawal_id) <> 1
