-- A declaration is settled in two lines that add up.
update posting set cents = cents - 1 where payout_id = 3003 and kind = 1;
insert into posting select account_id, event_id, claim_id, payout_id, 1, open_after_cents, reverses_event_id, recorded_at, 50, booking_date, effective_date,
  reverses_line, kind, debit, credit, risk_carrier_id, pass
  from posting where payout_id = 3003 and kind = 1;
