-- A free payout of a released night is in a payment file.
-- Protects: liveness: money that was settled leaves; what stays behind is held, visibly.
-- Scope: all
-- Invariant: G6
select y.risk_carrier_id, y.account_id, format('payout %s of %s (%s cents) is free, its night was released at %s, and no payment file has it', y.payout_id, y.business_date,
  y.net_cents, r.released_at) as what
from payout y join run r on r.run_id = y.run_id
where r.state = 'released' and y.held = 0 and y.net_cents > 0
  and not exists (select 1 from payment_instruction i where i.account_id = y.account_id and i.payout_id = y.payout_id)
