-- A settled declaration is in the queue again.
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents) values (4, 255, 1, 1, 4, '2026-03-04', '2026-03-02', '2026-03-02', 5000);
