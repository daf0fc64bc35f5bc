-- A charge was booked without audit row.
-- run: none
delete from audit where account_id = 1 and occurred_at = '2026-02-20 09:00Z';
