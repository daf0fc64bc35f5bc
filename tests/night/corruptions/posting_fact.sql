-- A payment is booked that nobody received.
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
values (3, 9001, 200, 100, '2026-03-03 12:00Z', 0, '2026-03-03', '2026-03-03', 11, 7, 2, 1);
