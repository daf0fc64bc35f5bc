-- A job waits and nobody takes it.
-- run: none
insert into job (job_id, risk_carrier_id, kind, subject, payload, state, lease_until, not_before, created_by, created_at) overriding system value
values (9001, 1, 'import', 'x', '{}', 'waiting', null, '2026-03-03', 'x', '2026-03-03');
