-- The lines that a night would post for the running accounts $4..$5: the same offset_decide that the night executes.
-- Reads: what offset_decide reads. Writes nothing. Repeatable: a read.
-- $1 risk carrier, $2 business date, $3 policy version, $4 first account, $5 last account
select what, account_id, entry_id, claim_id, kind, line, cents, open_after, pass, iban_id, declared_cents, returned_cents, advance_cents,
  offset_cents, answer, with_money, least(day, $2::date) as effective_date
from offset_decide($1::smallint, $2::date, $3::int, $4::bigint, $5::bigint, 0)
order by account_id, what, entry_id, claim_id, line
