-- A claim has an offset line more, under another risk carrier.
insert into posting select account_id, event_id, claim_id, payout_id, 10, 4490, reverses_event_id, recorded_at, 50, booking_date, effective_date,
  reverses_line, kind, debit, credit, 2, pass
  from posting where account_id = 3 and event_id = 207 and kind = 2 and line = 1;
