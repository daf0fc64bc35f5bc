-- What a running account that an agreement speaks for still owes after its own money: claims, and the principal of each that may be offset.
-- Reads: what decide.sql reads. Writes nothing. Repeatable: a read.
-- Claims that take a share of each declaration, or an amount a run, stay with what their debtor declares; costs and interest too.
-- So does what it took over itself and must still give back (its turn comes later in this night): its debtor did not agree with this payer.
-- And claims whose reason leaves out the pass "same entity": what may not go to another code of its own may not go to another party.
-- $1 to $7 as in decide.sql
select k.claim_id, k.due_date, k.principal - coalesce(m.open_after, 0) as cents
from considered k left join merged m on m.what = 4 and m.account_id = k.account_id and m.claim_id = k.claim_id
where k.blocked_by in (0, 40) and k.mode = 3 and k.kind <> 8 and (k.passes is null or 4 = any (k.passes)) and k.principal > coalesce(m.open_after, 0)
  and k.account_id not in (select f.account_id from account f where f.unpayable)
order by k.due_date, k.claim_id
