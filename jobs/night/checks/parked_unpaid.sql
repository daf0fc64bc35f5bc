-- A running account that was parked gets no payout and no posting of the night from that run.
-- Protects: design §3 ("parked with an alarm, and the rest goes on"): half a night on an account is none.
-- Scope: run
-- Invariant: D5
select k.risk_carrier_id, k.account_id, format('parked in run %s (%s), and paid out in payout %s', k.run_id, k.reason, y.payout_id) as what
from run_parked k join payout y on y.run_id = k.run_id and y.account_id = k.account_id
where (:run_id is null or k.run_id = :run_id)
