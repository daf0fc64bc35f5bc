-- The lines that a night would post for the running accounts $4..$5: the same offset_decide that the night executes, its columns named.
-- Reads: what offset_decide reads. Writes nothing. Repeatable: a read.
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account
select what, account_id, case when what = 3 then more[4] else entry_id end as entry_id, claim_id, case when what < 3 then kind end as kind,
  case when what < 3 then line end as line, case when what in (1, 2, 5) then cents end as cents, open_after, pass,
  case when what = 3 then more[1] end::int as iban_id, case when what = 3 then more[6] end as declared_cents, case when what = 3 then more[7] end as returned_cents,
  case when what = 3 then more[8] end as advance_cents, case what when 3 then more[9] when 4 then cents end as offset_cents,
  case when what = 4 then kind end as answer, case when what = 4 then more[8] = 1 end as with_money, case when what < 3 then least(day, $2::date) end as effective_date
from offset_decide($1::smallint, $2::date, $3::int, $4::bigint, $5::bigint, 0)
order by account_id, what, entry_id, claim_id, line
