-- An offset reversed because its declaration was withdrawn is paid out all the same.
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents) values (5, 2509, 1, 2, 5, '2026-03-04', '2026-03-04', '2026-03-04', 3000);
