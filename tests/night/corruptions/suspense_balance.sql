-- More was taken from the money on account than there was.
-- run: none
update posting set cents = 5000 where event_id = 172 and kind = 14;
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
values (2, 172, 170, 9999, '2026-03-03 12:00Z', 0, '2026-03-03', '2026-03-03', 15, 8, 2, 1);
