-- A night ran under the policy version that was in force on its date: of its own risk carrier, the newest of those valid by then that had been
-- applied when it was planned.
-- Protects: law 5 ("a run records the versions that it used"); no date is decided under yesterday's or another carrier's rules.
-- Scope: run
-- Invariant: D10
select r.risk_carrier_id, null::bigint as account_id,
  format('the night of %s ran under policy %s (risk carrier %s, valid from %s); in force was version %s', r.business_date, r.policy_version_id, v.risk_carrier_id,
    v.valid_from, n.version) as what
from run r left join policy_version v on v.policy_version_id = r.policy_version_id
  left join lateral (
    select x.policy_version_id, x.version from policy_version x
    where x.risk_carrier_id = r.risk_carrier_id and x.valid_from <= r.business_date and x.applied_at <= r.cut_off_at
    order by x.valid_from desc, x.version desc limit 1) n on true
where (:run_id is null or r.run_id = :run_id) and r.policy_version_id is not null
  and (v.risk_carrier_id is distinct from r.risk_carrier_id or v.valid_from > r.business_date or n.policy_version_id <> v.policy_version_id)
