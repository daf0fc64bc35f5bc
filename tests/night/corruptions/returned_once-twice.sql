-- Money that was given back is queued once more.
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents) values (1, 2500, 1, 2, 1, '2026-03-04', '2026-03-04', '2026-03-04', 3000);
