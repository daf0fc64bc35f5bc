-- An audit row tells of a claim on another running account.
-- run: none
insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body) values (1, 2, '2026-03-03', 'x', 'claim registered', 'claim:100', '{}');
