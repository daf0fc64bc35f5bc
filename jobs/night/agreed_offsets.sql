-- What a running account has left for what agreements would take over into it ($7 has those claims): cents of each, 0 where nothing is left.
-- Reads: what decide.sql reads. Writes nothing. Repeatable: a read.
-- $1 to $7 as in decide.sql
select m.claim_id, m.cents
from merged m join considered k on k.account_id = m.account_id and k.claim_id = m.claim_id
where m.what = 4 and k.kind = 8 and m.cents > 0
  and k.account_id not in (select f.account_id from account f where f.unpayable)
