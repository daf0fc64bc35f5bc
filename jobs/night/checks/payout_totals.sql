-- The net of a payout is what it declares, returns and advances less what it offsets, and goes under way on its own running account and risk
-- carrier (payout + advance); what it returns and advances are the entries that were given to it.
-- Protects: design §2 rows "payout" and "advance paid"; every settled cent was offset or paid. What a payout says of declarations and offsets is
-- proven by declaration_settled, which reads those lines anyway.
-- Scope: run
-- weight: 2
-- Invariant: L6, D1
with booked as (
  select p.account_id, p.payout_id, p.risk_carrier_id, sum_cents(p.cents) as under_way, sum_cents(case when p.kind = 9 then p.cents else 0 end) as advanced,
    count(*) filter (where p.kind = 5) as times
  from posting p
  where p.kind >= 5 and (p.kind = 5 or p.kind = 9) and (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  group by p.payout_id, p.account_id, p.risk_carrier_id),
paid as not materialized (select y.* from payout y where (:run_id is null or y.run_id = :run_id)),
other as (
  select e.account_id, e.payout_id, sum_cents(e.cents) filter (where e.kind = 2) as returned, sum_cents(e.cents) filter (where e.kind = 3) as advance, count(*) as entries
  from payout_entry e join paid y on y.account_id = e.account_id and y.payout_id = e.payout_id group by e.account_id, e.payout_id)
select coalesce(y.risk_carrier_id, b.risk_carrier_id), coalesce(y.account_id, b.account_id),
  format('payout %s: declared %s, returned %s, advance %s, offset %s, net %s, %s entries of which %s declarations; given to it: returned %s, advance %s, %s entries; under way %s in %s postings, of it advanced %s',
    coalesce(y.payout_id, b.payout_id), y.declared_cents, y.returned_cents, y.advance_cents, y.offset_cents, y.net_cents, y.entries, y.declarations,
    o.returned, o.advance, o.entries, b.under_way, b.times, b.advanced) as what
from paid y full join booked b on b.payout_id = y.payout_id and b.account_id = y.account_id and b.risk_carrier_id = y.risk_carrier_id
  left join other o on o.account_id = y.account_id and o.payout_id = y.payout_id
where y.payout_id is null or y.returned_cents <> coalesce(o.returned, 0) or y.advance_cents <> coalesce(o.advance, 0) or y.advance_cents <> coalesce(b.advanced, 0)
  or y.net_cents <> coalesce(b.under_way, 0) or y.net_cents <> y.declared_cents + y.returned_cents + y.advance_cents - y.offset_cents or y.net_cents < 0
  or b.times > 1 or y.entries <> y.declarations + coalesce(o.entries, 0)
