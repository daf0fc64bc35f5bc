-- What a night would do with the running accounts $4..$5, in totals: the same decide.sql that the night executes.
-- Reads: what decide.sql reads. Writes nothing. Repeatable: a read.
-- $1 to $7 as in decide.sql
select 3::smallint as what, null::smallint as answer, count(*) as rows, coalesce(sum(entries), 0)::bigint as entries,
  coalesce(sum(declared_cents), 0)::bigint as declared_cents, coalesce(sum(returned_cents), 0)::bigint as returned_cents,
  coalesce(sum(advance_cents), 0)::bigint as advance_cents, coalesce(sum(offset_cents), 0)::bigint as offset_cents, 0::bigint as with_money
from paid_out
union all
select 4, answer, count(*), 0, 0, 0, 0, 0, count(*) filter (where with_money) from answered group by answer
union all
select 5, null, count(*), 0, 0, 0, 0, 0, 0 from unpayable
