-- The count and control sum of a payment file are those of its instructions, and it belongs to one risk carrier.
-- Protects: pain.001 NbOfTxs and CtrlSum; design §7 release.
-- Scope: run
-- Invariant: D6
select f.risk_carrier_id, null::bigint as account_id,
  format('payment file %s: %s transactions, %s cents; instructions: %s, %s cents', f.message_id, f.transactions, f.control_sum_cents,
    count(i.payout_id), coalesce(sum(i.cents), 0)) as what
from payment_file f left join run r on r.run_id = f.run_id left join payment_instruction i on i.payment_file_id = f.payment_file_id
where (:run_id is null or f.run_id = :run_id)
group by f.payment_file_id, r.risk_carrier_id
having f.transactions <> count(i.payout_id) or f.control_sum_cents <> coalesce(sum(i.cents), 0)
  or r.risk_carrier_id is distinct from f.risk_carrier_id or min(i.risk_carrier_id) <> f.risk_carrier_id or max(i.risk_carrier_id) <> f.risk_carrier_id
