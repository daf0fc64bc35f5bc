-- The lines that a night would post for the running accounts $4..$5: the same decide.sql that the night executes, its columns named.
-- Reads: what decide.sql reads. Writes nothing. Repeatable: a read.
-- what: 1 entry of the queue, 2 offset line, 3 payout, 4 claim and its answer, 5 running account that cannot be paid
-- $1 to $7 as in decide.sql
select 1::smallint as what, account_id, entry_id, null::bigint as claim_id, kind, 0 as line, cents, null::bigint as open_after, null::smallint as pass,
  null::int as iban_id, null::bigint as declared_cents, null::bigint as returned_cents, null::bigint as advance_cents, null::bigint as offset_cents,
  null::smallint as answer, null::boolean as with_money, least(payable_on, $2::date) as effective_date
from entry where account_id not in (select u.account_id from unpayable u)
union all
select 2, account_id, entry_id, claim_id, kind, line, cents, open_after, pass, null, null, null, null, null, null, null, least(day, $2::date)
from merged where what = 2
union all
select 3, account_id, first_entry_id, null, null, null, null, null, null, iban_id, declared_cents, returned_cents, advance_cents, offset_cents, null, null, null
from paid_out
union all
select 4, account_id, null, claim_id, null, null, null, null, null, null, null, null, null, cents, answer, with_money, null
from answered
union all
select 5, account_id, null, null, null, null, cents, null, null, null, null, null, null, null, null, null, null
from unpayable
order by account_id, what, entry_id, line, claim_id
