-- A reversed offset mirrors one offset line of its declaration on the same claim, for the amount of the decision; all reversals of a line
-- together are at most the line.
-- Protects: design §2 row "offset reversed: mirror of the offset".
-- Scope: run; reversals from the night before on, with the earlier ones of the same lines
with reversed as (
  select r.*, p.kind, p.cents as booked, p.reverses_event_id, p.reverses_line, p.claim_id as booked_on, p.times
  from offset_reversal r left join (
      select account_id, event_id, min(kind) as kind, sum(cents)::bigint as cents, min(reverses_event_id) as reverses_event_id, min(reverses_line) as reverses_line,
        min(claim_id) as claim_id, count(*) as times
      from posting where kind between 30 and 32 and (:run_id is null or risk_carrier_id = :carrier) group by account_id, event_id) p
    on p.account_id = r.account_id and p.event_id = r.reversal_id
  where (:run_id is null or r.risk_carrier_id = :carrier)),
line as (
  select r.account_id, r.declaration_id, r.offset_line, sum(r.cents)::bigint as reversed, max(r.decided_on) as newest,
    bool_and(r.booked = r.cents and r.times = 1 and r.reverses_event_id = r.declaration_id and r.reverses_line = r.offset_line and r.booked_on = r.claim_id) is true as mirrored,
    min(r.kind) as kind, max(r.kind) as last_kind, min(r.claim_id) as claim_id, max(r.claim_id) as last_claim_id, min(r.risk_carrier_id) as risk_carrier_id
  from reversed r group by r.account_id, r.declaration_id, r.offset_line)
select l.risk_carrier_id, l.account_id,
  format('line %s of declaration %s: reversed for %s cents on claim %s (posting kind %s), the line took %s from claim %s (kind %s)%s', l.offset_line,
    l.declaration_id, l.reversed, l.claim_id, l.kind, o.cents, o.claim_id, o.kind, case when l.mirrored then '' else '; a reversal and its posting differ' end) as what
from line l left join posting o on o.account_id = l.account_id and o.event_id = l.declaration_id and o.line = l.offset_line and o.kind between 2 and 4
where (:run_id is null or l.newest >= :since)
  and (not l.mirrored or l.reversed > o.cents or o.cents is null or o.claim_id <> l.claim_id or l.last_claim_id <> l.claim_id
    or l.kind <> o.kind + 28 or l.last_kind <> o.kind + 28)
