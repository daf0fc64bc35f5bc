-- The batches of a run (those that were cut in two left out) cover every running account once, and every payout lies in a finished one.
-- Protects: design §3 plan; a giant alone, none twice, none forgotten.
-- Scope: run
-- Invariant: D6
with batch as (
  select b.*, lag(b.last_account_id) over w as before, lead(b.first_account_id) over w as after
  from run_batch b where b.state <> 2 and (:run_id is null or b.run_id = :run_id) window w as (partition by b.run_id order by b.first_account_id, b.batch_no))
select b.risk_carrier_id, null::bigint as account_id,
  format('run %s, batch %s covers accounts %s to %s; the one before ends at %s', b.run_id, b.batch_no, b.first_account_id, b.last_account_id, b.before) as what
from batch b
where b.first_account_id > b.last_account_id or b.first_account_id <> coalesce(b.before + 1, 0) or b.after is null and b.last_account_id <> 9223372036854775807
union all
select y.risk_carrier_id, y.account_id, format('payout %s of run %s lies in no finished batch', y.payout_id, y.run_id)
from payout y where (:run_id is null or y.run_id = :run_id)
  and not exists (select 1 from run_batch b where b.run_id = y.run_id and b.state = 1 and y.account_id between b.first_account_id and b.last_account_id)
