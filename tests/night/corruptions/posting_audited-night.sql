-- The audit row of a night's moment is gone.
-- run: none
delete from audit where account_id is null and occurred_at = '2026-03-03 06:00Z';
