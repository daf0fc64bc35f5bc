-- A declaration withdrawn before settlement is still queued.
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents) values (5, 301, 1, 1, 5, '2026-03-04', '2026-03-02', '2026-03-02', 2500);
