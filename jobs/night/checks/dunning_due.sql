-- A proposal of a night was due: a reminder follows the one before it, whose term had ended; a hand-over follows the reminder that the policy asks for.
-- Protects: nothing goes to the agency without reminder and term; no reminder within the term of the one before.
-- Scope: all
-- Invariant: A3
select d.risk_carrier_id, d.account_id,
  format('%s %s of claim %s was proposed on %s for %s cents; reminder %s has a term until %s; the claim was due on %s', case d.kind when 1 then 'reminder' else 'hand-over after' end,
    d.step_no, d.claim_id, d.proposed_on, d.open_cents, d.step_no - case d.kind when 1 then 1 else 0 end, s.term_end, k.registered_on) as what
from dunning_proposal d left join claim k on k.account_id = d.account_id and k.claim_id = d.claim_id
  left join claim_step s on s.account_id = d.account_id and s.claim_id = d.claim_id and s.kind = 2
    and s.step_no = d.step_no - case d.kind when 1 then 1 else 0 end
where (d.kind = 2 or d.step_no > 1) and (s.term_end is null or s.term_end > d.proposed_on) or d.open_cents <= 0 or k.registered_on > d.proposed_on
