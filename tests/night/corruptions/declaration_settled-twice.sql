-- A declaration is settled twice in one night.
insert into posting select account_id, event_id, claim_id, payout_id, cents, open_after_cents, reverses_event_id, recorded_at, 1, booking_date, effective_date,
  reverses_line, kind, debit, credit, risk_carrier_id, pass from posting where account_id = 4 and event_id = 255 and kind = 1;
