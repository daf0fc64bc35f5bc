-- A job runs under a lease that ended long ago.
-- run: none
insert into job (job_id, risk_carrier_id, kind, subject, payload, state, lease_until, not_before, created_by, created_at) overriding system value
values (9001, 1, 'import', 'x', '{}', 'running', '2026-03-03', '2026-03-03', 'x', '2026-03-03');
