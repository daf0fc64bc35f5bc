-- A final ceiling settlement that names an interim one replaces it: after its adjustment the interim claim is what the final one says.
-- Protects: design §1 (the final settlement replaces the interim one by an adjustment); nothing is owed twice.
-- Scope: run; settlements from the night before on
-- Invariant: C1
select f.risk_carrier_id, f.account_id,
  format('final settlement %s of %s cents names claim %s (kind %s) of %s cents, adjusted by %s up to then', f.settlement_id, f.cents, f.claim_id, c.kind,
    c.original_cents, coalesce(a.delta, 0)) as what
from claim_settlement f left join claim c on c.account_id = f.account_id and c.claim_id = f.claim_id
  left join lateral (                             -- earlier ones (ids are drawn under the lock of the running account), and its own
    select sum(x.delta_cents)::bigint as delta from adjustment x
    where x.account_id = f.account_id and x.claim_id = f.claim_id and x.kind in (1, 2)
      and (x.adjustment_id < f.settlement_id or x.reason = 'final settlement')) a on true
where (:run_id is null or f.risk_carrier_id = :carrier and f.settled_on > :since)
  and (c.kind is distinct from 5::smallint or c.risk_carrier_id <> f.risk_carrier_id or c.original_cents + coalesce(a.delta, 0) <> f.cents)
