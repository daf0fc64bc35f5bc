-- A batch was refused and says not why.
-- run: none
insert into batch (batch_id, risk_carrier_id, idempotency_key, file_name, content_type, size_bytes, sha256, parts, business_date, received_at, received_by, keep_days, job_id, outcome,
  ended_at, content_until, read, rejection_count, rejections_kept, import_id)
overriding system value values (9001, 1, 'x', 'x', 'x', 1, sha256('x'), 1, '2026-03-03', '2026-03-03', 'x', 1, 1, 'refused', '2026-03-03', '2026-03-04', 1, 0, 0, null);
