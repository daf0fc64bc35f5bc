-- An incident that is resolved says by whom and how, after it was opened; a released night has none left that stops it.
-- Protects: a finding ends by a person with a reason, never by silence.
-- Scope: all
-- Invariant: O3
select i.risk_carrier_id, i.account_id,
  format('incident %s (%s) was opened at %s and resolved at %s by %s: %s', i.incident_id, i.check_name, i.opened_at, i.resolved_at, i.resolved_by, i.resolution) as what
from incident i
where (i.resolved_at is null) <> (i.resolved_by is null) or (i.resolved_at is null) <> (i.resolution is null) or i.resolved_at < i.opened_at
