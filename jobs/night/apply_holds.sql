-- Holds that begin or end by the business date are counted: held_cents of their claims is what the active ones keep out of offset.
-- Reads: hold. Writes: hold (active, ended_on), claim_position.held_cents. Repeatable: a second run finds nothing due.
-- Under the lock of the running accounts in $3. $1 risk carrier, $2 business date, $3 accounts
with ended as (
  update hold set ended_on = until_date + 1, active = false
  where account_id = any ($3::bigint[]) and risk_carrier_id = $1::smallint and ended_on is null and until_date < $2::date
  returning account_id, hold_id, claim_id),
begun as (
  update hold set active = true
  where account_id = any ($3) and risk_carrier_id = $1 and ended_on is null and not active and from_date <= $2 and (until_date is null or until_date >= $2)
  returning account_id, hold_id, claim_id),
touched as (
  select account_id, claim_id from ended where claim_id is not null union select account_id, claim_id from begun where claim_id is not null),
held as (
  select t.account_id, t.claim_id, bool_or(h.hold_id is not null and h.cents is null) as everything, coalesce(sum(h.cents), 0)::bigint as cents
  from touched t left join hold h on h.account_id = t.account_id and h.claim_id = t.claim_id and h.ended_on is null and h.for_offset
    and (h.from_date <= $2 or h.active) and (h.until_date is null or h.until_date >= $2)
  group by t.account_id, t.claim_id)
update claim_position p set held_cents = least(p.open_principal_cents + p.open_costs_cents + p.open_interest_cents,
    case when held.everything then 9223372036854775807 else held.cents end)
from held where p.account_id = held.account_id and p.claim_id = held.claim_id
