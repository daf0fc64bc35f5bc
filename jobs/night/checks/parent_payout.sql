-- What is about a declaration, payment or payout is about one that exists on the same running account.
-- Protects: design §6 "no row foreign keys in the hot tables (a set-based check proves them)".
-- Scope: all
-- Invariant: T1
select x.risk_carrier_id, x.account_id, format('a row of %s names %s, which is not on running account %s', x.child, x.parent, x.account_id) as what
from (
  select 'offset_reversal' as child, 'declaration ' || r.declaration_id as parent, r.risk_carrier_id, r.account_id from offset_reversal r
  where not exists (select 1 from declaration d where d.account_id = r.account_id and d.declaration_id = r.declaration_id)
  union all
  select 'declaration_withdrawal', 'declaration ' || w.declaration_id, w.risk_carrier_id, w.account_id from declaration_withdrawal w
  where not exists (select 1 from declaration d where d.account_id = w.account_id and d.declaration_id = w.declaration_id)
  union all
  select 'allocation', 'payment ' || a.payment_id, a.risk_carrier_id, a.account_id from allocation a
  where a.payment_id is not null and not exists (select 1 from payment m where m.account_id = a.account_id and m.payment_id = a.payment_id)
  union all
  select 'payout_entry', 'payout ' || e.payout_id, e.risk_carrier_id, e.account_id from payout_entry e
  where not exists (select 1 from payout y where y.account_id = e.account_id and y.payout_id = e.payout_id)
  union all
  select 'payout_confirmation', 'payout ' || f.payout_id, f.risk_carrier_id, f.account_id from payout_confirmation f
  where not exists (select 1 from payout y where y.account_id = f.account_id and y.payout_id = f.payout_id)
  union all
  select 'payout_redirection', 'payout ' || d.payout_id, d.risk_carrier_id, d.account_id from payout_redirection d
  where not exists (select 1 from payout y where y.account_id = d.account_id and y.payout_id = d.payout_id)) x
