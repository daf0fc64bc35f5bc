-- The totals of a finished batch are the sums of its payouts.
-- Protects: what the run reports (declared, offset, paid out) is what was booked.
-- Scope: run
-- Invariant: D6
with paid as (
  select b.run_id, b.batch_no, count(y.payout_id) as payouts, coalesce(sum(y.entries), 0)::bigint as entries, coalesce(sum(y.declared_cents), 0)::bigint as declared,
    coalesce(sum(y.returned_cents), 0)::bigint as returned, coalesce(sum(y.advance_cents), 0)::bigint as advance,
    coalesce(sum(y.offset_cents), 0)::bigint as offset_cents, coalesce(sum(y.net_cents), 0)::bigint as net
  from run_batch b left join payout y on y.run_id = b.run_id and y.account_id between b.first_account_id and b.last_account_id
  where b.state = 1 and (:run_id is null or b.run_id = :run_id) group by b.run_id, b.batch_no)
select b.risk_carrier_id, null::bigint as account_id,
  format('run %s, batch %s: %s entries, declared %s, returned %s, advance %s, offset %s, net %s in %s payouts; payouts say %s, %s, %s, %s, %s, %s in %s',
    b.run_id, b.batch_no, b.entries, b.declared_cents, b.returned_cents, b.advance_cents, b.offset_cents, b.net_cents, b.payouts,
    p.entries, p.declared, p.returned, p.advance, p.offset_cents, p.net, p.payouts) as what
from run_batch b join paid p on p.run_id = b.run_id and p.batch_no = b.batch_no
where (b.entries, b.declared_cents, b.returned_cents, b.advance_cents, b.offset_cents, b.net_cents, b.payouts)
  is distinct from (p.entries, p.declared, p.returned, p.advance, p.offset_cents, p.net, p.payouts)
