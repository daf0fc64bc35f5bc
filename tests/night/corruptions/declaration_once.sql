-- A declaration is settled again two weeks later.
-- run: none
insert into posting select account_id, event_id, claim_id, payout_id, cents, open_after_cents, reverses_event_id, recorded_at, line, '2026-03-17', effective_date,
  reverses_line, kind, debit, credit, risk_carrier_id, pass from posting where account_id = 4 and event_id = 255 and kind = 1;
