-- A key answers with a declaration that was never loaded.
-- run: none
insert into idempotency_key values (1, 'x', md5('')::uuid, '{"type": "declaration", "id": "x"}', '2026-03-03');
