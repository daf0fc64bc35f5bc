-- The running account stood still for insolvency, and was offset.
insert into hold (account_id, hold_id, risk_carrier_id, kind, for_dunning, for_offset, for_payout, for_agency, from_date, active, reason, owner)
values (3, 251, 1, 5, true, true, false, true, '2026-02-01', true, 'faillissement', 'x');
