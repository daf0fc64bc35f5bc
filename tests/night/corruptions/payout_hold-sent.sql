-- A payout left while a hold on payouts ran.
-- run: 2000
insert into hold (account_id, hold_id, risk_carrier_id, kind, for_dunning, for_offset, for_payout, for_agency, from_date, active, reason, owner)
values (1, 90, 1, 7, false, false, true, false, '2026-02-01', true, 'beslag', 'x');
