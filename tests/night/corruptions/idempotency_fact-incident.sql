-- A key answers with an incident that there never was.
-- run: none
insert into idempotency_key values (1, 'x', md5('')::uuid, '{"id": 9999, "resolution": "x", "resolvedBy": "y"}', '2026-03-03');
