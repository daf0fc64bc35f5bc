-- What goes to the bank is a payout that exists, is free, and has this net amount.
-- Protects: guard "only free payouts leave"; a payout goes out once (its key).
-- Scope: run
-- Invariant: P6
select i.risk_carrier_id, i.account_id,
  format('instruction of payout %s for %s cents in file %s: net %s, held %s', i.payout_id, i.cents, i.payment_file_id, y.net_cents, y.held) as what
from payment_instruction i left join payout y on y.account_id = i.account_id and y.payout_id = i.payout_id
  left join payment_file f on f.payment_file_id = i.payment_file_id
where (:run_id is null or f.run_id = :run_id)
  and (y.net_cents is distinct from i.cents or y.held <> 0 or y.risk_carrier_id <> i.risk_carrier_id or f.run_id is distinct from y.run_id)
