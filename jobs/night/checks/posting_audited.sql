-- Every moment at which something was booked has its audit row: of the running account, or of the file or batch that booked on many.
-- Protects: issue "audit row in the same transaction for every write": a posting and its audit row bear the same moment.
-- Scope: all
-- What files and nights book is told once, without an account; what people and systems book, account by account.
-- Invariant: G4, T2
with moment as (
  select p.risk_carrier_id, p.account_id, p.recorded_at, min(p.event_id) as event_id, min(p.kind) as kind
  from posting p where not exists (
    select 1 from audit a where a.risk_carrier_id = p.risk_carrier_id and a.account_id is null and a.occurred_at = p.recorded_at)
  group by p.risk_carrier_id, p.account_id, p.recorded_at)
select m.risk_carrier_id, m.account_id, format('event %s (kind %s) was booked at %s, and no audit row tells of that moment', m.event_id, m.kind, m.recorded_at) as what
from moment m
where not exists (select 1 from audit a where a.risk_carrier_id = m.risk_carrier_id and a.account_id = m.account_id and a.occurred_at = m.recorded_at)
