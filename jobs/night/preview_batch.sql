-- What a night would do with the running accounts $4..$5, in totals: the same offset_decide that the night executes.
-- Reads: what offset_decide reads. Writes nothing. Repeatable: a read.
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account
select what, answer, count(*) as rows, coalesce(sum(cents), 0)::bigint as cents,
  coalesce(sum(declared_cents), 0)::bigint as declared_cents, coalesce(sum(returned_cents), 0)::bigint as returned_cents,
  coalesce(sum(advance_cents), 0)::bigint as advance_cents, coalesce(sum(offset_cents), 0)::bigint as offset_cents,
  count(*) filter (where with_money) as with_money, coalesce(sum(open_cents - offset_cents) filter (where with_money), 0)::bigint as open_cents
from offset_decide($1::smallint, $2::date, $3::int, $4::bigint, $5::bigint, 0) group by what, answer
