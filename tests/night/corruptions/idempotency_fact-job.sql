-- A key answers with a job that was never asked for.
-- run: none
insert into idempotency_key values (1, 'x', md5('')::uuid, '{"jobId": 9999}', '2026-03-03');
