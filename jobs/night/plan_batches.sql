-- Cuts the running accounts of a risk carrier into batches of about $3 queued entries: contiguous ids, all accounts covered, a giant alone.
-- Reads: payable. Writes nothing: the planner inserts the rows (and a preview does not). Repeatable: a read.
-- $1 risk carrier, $2 business date, $3 entries in a batch
with queue as (
  select account_id, count(*)::int as n from payable where risk_carrier_id = $1::smallint and available_on <= $2::date group by account_id),
weighed as (
  select account_id, n, n >= $3::int as giant,
    sum(case when n >= $3 then 0 else n end) over w - case when n >= $3 then 0 else n end as before,
    2 * count(*) filter (where n >= $3) over w - (n >= $3)::int as stretch          -- odd: a giant; even: what stands between giants
  from queue window w as (order by account_id rows unbounded preceding)),
grouped as (
  select min(account_id) as first_id, sum(n)::bigint as entries from weighed group by stretch, before / $3),
numbered as (
  select row_number() over (order by first_id) as batch_no, first_id, entries, lead(first_id) over (order by first_id) as next_id from grouped)
select batch_no::int, case when batch_no = 1 then 0 else first_id end as first_account_id, coalesce(next_id - 1, 9223372036854775807) as last_account_id, entries as planned_entries
from numbered
union all
select 1, 0, 9223372036854775807, 0 where not exists (select 1 from queue)
order by 1
