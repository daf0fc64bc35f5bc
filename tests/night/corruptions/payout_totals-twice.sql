-- What a payout pays goes under way in two postings: the sum is right, but the bank is told twice.
update posting set cents = cents - 1 where payout_id = 3003 and kind = 5;
insert into posting select account_id, event_id, claim_id, payout_id, 1, open_after_cents, reverses_event_id, recorded_at, line + 1, booking_date, effective_date,
  reverses_line, kind, debit, credit, risk_carrier_id, pass from posting where payout_id = 3003 and kind = 5;
