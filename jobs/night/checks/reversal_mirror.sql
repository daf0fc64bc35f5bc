-- A reversed offset mirrors one offset line of its declaration on the same claim, for the amount of the decision; all reversals of a line
-- together are at most the line.
-- Protects: design §2 row "offset reversed: mirror of the offset".
-- Scope: run; reversals decided from the night before on
-- Invariant: L6, L8
select r.risk_carrier_id, r.account_id,
  format('reversal %s of line %s of declaration %s for %s cents on claim %s: %s postings, %s cents; the line took %s from claim %s', r.reversal_id, r.offset_line,
    r.declaration_id, r.cents, r.claim_id, count(p.event_id), sum(p.cents), min(o.cents), min(o.claim_id)) as what
from offset_reversal r
  left join posting p on p.account_id = r.account_id and p.event_id = r.reversal_id and p.kind in (30, 31, 32) and (:run_id is null or p.booking_date >= :since)
  left join posting o on o.account_id = r.account_id and o.event_id = r.declaration_id and o.line = r.offset_line and o.kind in (2, 3, 4)
where (:run_id is null or r.risk_carrier_id = :carrier and r.decided_on > :since)
group by r.account_id, r.reversal_id
having count(*) <> 1
  or bool_and(p.cents = r.cents and p.kind = o.kind + 28 and p.claim_id = r.claim_id and o.claim_id = r.claim_id and p.reverses_event_id = r.declaration_id
    and p.reverses_line = r.offset_line) is not true
union all
select min(r.risk_carrier_id), r.account_id, format('line %s of declaration %s took %s cents, and %s of it are reversed', r.offset_line, r.declaration_id, min(o.cents), sum(r.cents))
from (select r.*, max(r.decided_on) over (partition by r.account_id, r.declaration_id, r.offset_line) as newest from offset_reversal r
      where (:run_id is null or r.risk_carrier_id = :carrier)) r
  left join posting o on o.account_id = r.account_id and o.event_id = r.declaration_id and o.line = r.offset_line and o.kind in (2, 3, 4)
where (:run_id is null or r.newest > :since)
group by r.account_id, r.declaration_id, r.offset_line
having sum(r.cents) > coalesce(min(o.cents), 0)
