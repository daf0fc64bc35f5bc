-- An audited payment is gone.
-- run: none
insert into audit (risk_carrier_id, account_id, occurred_at, actor, action, subject, body) values (1, 1, '2026-03-03', 'x', 'payment recorded', 'payment:9999', '{}');
