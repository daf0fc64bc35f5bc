-- An idempotency key answers with what it did: the claim, declaration, fact, job or incident that its stored answer names exists.
-- Protects: the same request twice has one effect, and its answer stays true.
-- Scope: all
-- Invariant: O2
select k.risk_carrier_id, null::bigint as account_id, format('idempotency key %s of %s answers with %s, which is not there', k.key, k.recorded_at,
  coalesce(k.answer ->> 'reference', k.answer ->> 'id', 'job ' || (k.answer ->> 'jobId'))) as what
from idempotency_key k
where not case
  when k.answer = '{}'::jsonb or k.answer ? 'outcomes' then true   -- reminders taken over: each step has a key of its own
  when k.answer ? 'resolvedBy' then exists (
    select 1 from incident i where i.incident_id = (k.answer ->> 'id')::bigint and i.risk_carrier_id = k.risk_carrier_id)
  when k.answer ? 'jobId' then exists (select 1 from job j where j.job_id = (k.answer ->> 'jobId')::bigint and j.risk_carrier_id = k.risk_carrier_id)
    or exists (select 1 from audit a where a.risk_carrier_id = k.risk_carrier_id and a.subject = 'job:' || (k.answer ->> 'jobId'))   -- a preview, forgotten
  when k.answer ? 'reference' and k.answer ? 'type' then exists (
    select 1 from claim_reference r where r.reference = k.answer ->> 'reference' and r.risk_carrier_id = k.risk_carrier_id)
  when k.answer ? 'type' then exists (
    select 1 from source_key s where s.risk_carrier_id = k.risk_carrier_id and s.kind = 1 and s.source_id = k.answer ->> 'id')
  else exists (
    select 1 from audit a where a.risk_carrier_id = k.risk_carrier_id and a.occurred_at = k.recorded_at and a.body -> 'id' = k.answer -> 'id') end
