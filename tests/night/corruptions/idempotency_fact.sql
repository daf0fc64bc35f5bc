-- A key answers with a claim that does not exist.
-- run: none
insert into idempotency_key values (1, 'x', md5('')::uuid, '{"type": "claim", "id": "x", "reference": "VOR-2026-99999999-9"}', '2026-03-03');
