-- What is claimed back of a declaration (credit notes, corrections, its paid part after a withdrawal) is at most what was awarded.
-- Protects: design §1 ("credited to at most its awarded amount less earlier credits"); VGZ-1, VGZ-4.
-- Scope: run (the risk carrier's credits)
-- Invariant: C3
with claimed as (
  select c.account_id, c.origin_declaration_id, min(c.risk_carrier_id) as risk_carrier_id, max(c.registered_on) as newest,
    sum(c.original_cents + coalesce(a.delta, 0))::bigint as cents
  from claim c left join (select account_id, claim_id, sum(delta_cents) as delta from adjustment where kind in (1, 2) group by account_id, claim_id) a
    on a.account_id = c.account_id and a.claim_id = c.claim_id
  where c.kind in (2, 3, 7) and c.origin_declaration_id is not null and (:run_id is null or c.risk_carrier_id = :carrier)
  group by c.account_id, c.origin_declaration_id)
select x.risk_carrier_id, x.account_id, format('declaration %s of %s cents is claimed back for %s', x.origin_declaration_id, d.awarded_cents, x.cents) as what
from claimed x left join declaration d on d.account_id = x.account_id and d.declaration_id = x.origin_declaration_id
where (:run_id is null or x.newest >= :since) and x.cents > coalesce(d.awarded_cents, 0)
