-- An incident was resolved by nobody.
-- run: none
insert into incident (risk_carrier_id, check_name, what, opened_at, resolved_at) values (1, 'x', 'x', '2026-03-03', '2026-03-03');
