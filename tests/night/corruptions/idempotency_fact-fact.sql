-- A key answers with a fact that was never recorded.
-- run: none
insert into idempotency_key values (1, 'x', md5('')::uuid, '{"id": 9999}', '2026-03-03');
