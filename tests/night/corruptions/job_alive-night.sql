-- A night stands half done and nobody goes on.
-- run: none
update run set state = 'matching', lease_until = '2026-03-03' where run_id = 3000;
