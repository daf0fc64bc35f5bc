-- A payout is the sum of what it holds on its own running account and risk carrier: declared, returned, advanced, offset; what goes under way (payout + advance) is its net.
-- Protects: design §2 rows "payout" and "advance paid"; every settled cent was offset or paid.
-- Scope: run
-- weight: 5
-- Invariant: L6, D1
with part as (                                    -- by kind first: a night is long, and a sum with a condition costs as much as one without
  select p.payout_id, p.account_id, p.risk_carrier_id, p.kind, sum_cents(p.cents) as cents, count(*) as rows, min(p.event_id) as first_id, max(p.event_id) as last_id
  from posting p
  where (p.kind <= 5 or p.kind = 9) and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.payout_id, p.account_id, p.risk_carrier_id, p.kind),
booked as (
  select p.account_id, p.payout_id, p.risk_carrier_id, sum_cents(p.cents) filter (where p.kind = 1) as declared, coalesce(sum(p.rows) filter (where p.kind = 1), 0) as declarations,
    sum_cents(p.cents) filter (where p.kind in (2, 3, 4)) as offset_cents, sum_cents(p.cents) filter (where p.kind in (5, 9)) as under_way,
    sum_cents(p.cents) filter (where p.kind = 9) as advanced, coalesce(sum(p.rows) filter (where p.kind = 5), 0) as times,
    min(p.first_id) filter (where p.kind = 1) as first_id, max(p.last_id) filter (where p.kind = 1) as last_id
  from part p group by p.payout_id, p.account_id, p.risk_carrier_id),
other as (
  select e.account_id, e.payout_id, sum(e.cents) filter (where e.kind = 2)::bigint as returned, sum(e.cents) filter (where e.kind = 3)::bigint as advance,
    count(*) as entries, min(e.entry_id) as first_id, max(e.entry_id) as last_id
  from payout_entry e group by e.account_id, e.payout_id),
paid as (select y.* from payout y where (:run_id is null or y.run_id = :run_id))
select coalesce(y.risk_carrier_id, ra.risk_carrier_id), coalesce(y.account_id, b.account_id),
  format('payout %s: declared %s, returned %s, advance %s, offset %s, net %s; booked: declared %s, returned %s, advance %s, offset %s, under way %s',
    coalesce(y.payout_id, b.payout_id), y.declared_cents, y.returned_cents, y.advance_cents, y.offset_cents, y.net_cents,
    b.declared, o.returned, o.advance, b.offset_cents, b.under_way) as what
from paid y full join booked b on b.payout_id = y.payout_id and b.account_id = y.account_id and b.risk_carrier_id = y.risk_carrier_id
  left join other o on o.account_id = y.account_id and o.payout_id = y.payout_id
  left join running_account ra on ra.account_id = b.account_id
where y.payout_id is null or y.declared_cents <> coalesce(b.declared, 0) or y.returned_cents <> coalesce(o.returned, 0)
  or y.advance_cents <> coalesce(o.advance, 0) or y.advance_cents <> coalesce(b.advanced, 0) or y.offset_cents <> coalesce(b.offset_cents, 0)
  or y.net_cents <> coalesce(b.under_way, 0) or y.net_cents <> y.declared_cents + y.returned_cents + y.advance_cents - y.offset_cents or y.net_cents < 0
  or b.times > 1 or y.declarations <> coalesce(b.declarations, 0) or y.entries <> coalesce(b.declarations, 0) + coalesce(o.entries, 0)
  or y.first_entry_id is distinct from least(b.first_id, o.first_id) or y.last_entry_id is distinct from greatest(b.last_id, o.last_id)
