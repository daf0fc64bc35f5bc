-- A posting on claims money that no claim shows.
-- run: none
insert into posting (account_id, event_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
values (3, 9001, 100, '2026-03-03 12:00Z', 0, '2026-03-03', '2026-03-03', 7, 2, 5, 1);
