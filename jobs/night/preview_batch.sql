-- What a night would do with the running accounts $4..$5, in totals: the same offset_decide that the night executes.
-- Reads: what offset_decide reads. Writes nothing. Repeatable: a read.
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account
select what, case when what = 4 then kind end as answer, count(*) as rows, coalesce(sum(case when what = 3 then more[2] end), 0)::bigint as entries,
  coalesce(sum(case when what = 3 then more[6] end), 0)::bigint as declared_cents, coalesce(sum(case when what = 3 then more[7] end), 0)::bigint as returned_cents,
  coalesce(sum(case when what = 3 then more[8] end), 0)::bigint as advance_cents, coalesce(sum(case when what = 3 then more[9] end), 0)::bigint as offset_cents,
  count(*) filter (where what = 4 and more[8] = 1) as with_money
from offset_decide($1::smallint, $2::date, $3::int, $4::bigint, $5::bigint, 0)
where what > 2 group by 1, 2
