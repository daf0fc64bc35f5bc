-- Money on account took principal while costs were open.
insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
values (2, 2400, 151, 100, '2026-03-02 12:00Z', 0, '2026-03-02', '2026-03-02', 21, 3, 10, 1);
