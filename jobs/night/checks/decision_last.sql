-- The answer that a claim's position bears is that of its newest decision, and every decision names an answer that there is.
-- Protects: design §3.5 "why (not) on day d?": an answer stands until the next decision; a position without its decision answers nothing.
-- Scope: all
-- An advance that was paid out begins anew with answer 0. Date and answer as one number: the greatest is the newest.
-- Invariant: C4
with newest as (
  select d.account_id, d.claim_id, max((d.valid_from - date '2000-01-01') * 1000::bigint + d.answer) as latest
  from decision d group by d.account_id, d.claim_id)
select k.risk_carrier_id, k.account_id,
  format('claim %s: its position says answer %s, its newest decision (%s) %s', k.claim_id, k.last_answer, date '2000-01-01' + (n.latest / 1000)::int, n.latest % 1000) as what
from claim_position k left join newest n on n.account_id = k.account_id and n.claim_id = k.claim_id
where k.last_answer <> 0 and k.last_answer is distinct from n.latest % 1000
