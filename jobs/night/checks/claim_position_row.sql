-- Every claim has one position row, with its kind, AGB registration, reason (after a maturity: the new one) and due date (after a
-- change at the source or a maturity: the new one); and no position stands without its claim.
-- Protects: law 2; CR-7 changed due dates, CR-9 matured credits.
-- Scope: run; claims registered from the night before on, or changed by it
-- Invariant: C1
with newest as (
  select distinct on (x.account_id, x.claim_id) x.account_id, x.claim_id, x.due_date from (
    select account_id, claim_id, changed_on as on_date, change_id as nth, new_due_date as due_date from claim_due_date
    union all select account_id, claim_id, matured_on, 0, due_date from claim_maturity) x
  order by x.account_id, x.claim_id, x.on_date desc, x.nth desc),
claimed as (                                      -- of a night only what it is about: each side by itself, so that neither is read whole into the other
  select c.* from claim c left join newest n on n.account_id = c.account_id and n.claim_id = c.claim_id
  where (:run_id is null or c.risk_carrier_id = :carrier and (c.registered_on >= :since or n.claim_id is not null))),
placed as (
  select k.* from claim_position k left join newest n on n.account_id = k.account_id and n.claim_id = k.claim_id
  where (:run_id is null or k.risk_carrier_id = :carrier and (k.registered_on >= :since or n.claim_id is not null)))
select coalesce(c.risk_carrier_id, k.risk_carrier_id), coalesce(c.account_id, k.account_id),
  format('claim %s: registered %s, kind %s, reason %s, due %s; position: registered %s, kind %s, reason %s, due %s', coalesce(c.claim_id, k.claim_id),
    c.registered_on, c.kind, coalesce(m.to_reason_id, c.reason_id), coalesce(n.due_date, c.due_date), k.registered_on, k.kind, k.reason_id, k.due_date) as what
from claimed c full join placed k on k.account_id = c.account_id and k.claim_id = c.claim_id
  left join claim_maturity m on m.account_id = c.account_id and m.claim_id = c.claim_id
  left join newest n on n.account_id = c.account_id and n.claim_id = c.claim_id
where (c.claim_id is null or k.claim_id is null or c.risk_carrier_id <> k.risk_carrier_id or c.kind <> k.kind or c.agb_id <> k.agb_id
    or c.registered_on <> k.registered_on or k.reason_id <> coalesce(m.to_reason_id, c.reason_id) or k.due_date <> coalesce(n.due_date, c.due_date))
