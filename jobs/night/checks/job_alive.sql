-- Work goes on: no job runs under a lease that ended ten minutes ago or waits a day past its time, and no night stands half done under a lease
-- that ended an hour ago.
-- Protects: liveness: a sweep over PostgreSQL is enough; when nobody sweeps, somebody is told.
-- Scope: all
-- By the database's clock, as leases are; business dates have no part in it.
-- Invariant: O1
select j.risk_carrier_id, null::bigint as account_id,
  format('job %s (%s %s) is %s, try %s; lease until %s, to start from %s', j.job_id, j.kind, j.subject, j.state, j.attempts, j.lease_until, j.not_before) as what
from job j
where j.state = 'running' and j.lease_until < clock_timestamp() - interval '10 minutes'
  or j.state = 'waiting' and j.not_before < clock_timestamp() - interval '1 day'
union all
select r.risk_carrier_id, null, format('the night of %s is %s; the lease of %s ended at %s', r.business_date, r.state, r.holder, r.lease_until)
from run r
where r.state in ('planned', 'matching', 'proven') and r.lease_until < clock_timestamp() - interval '1 hour'
