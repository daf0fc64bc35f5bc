-- An advance that was paid elsewhere is paid out as well.
insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents) values (2, 151, 1, 3, 2, '2026-03-04', '2026-03-04', '2026-03-04', 4000);
update claim set registered_on = '2026-03-03' where claim_id = 151;
