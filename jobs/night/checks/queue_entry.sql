-- A queue row says what its fact says: declaration, reversed offset or advance, same amount, same account.
-- Protects: what the next night settles or pays is what was awarded, returned or asked for.
-- Scope: run (the queue of the risk carrier)
-- Invariant: D3, D9
select q.risk_carrier_id, q.account_id,
  format('queue row %s of kind %s holds %s cents; its fact: declaration %s, reversal %s, advance %s', q.entry_id, q.kind, q.cents,
    d.awarded_cents, r.cents, c.original_cents) as what
from payable q left join running_account ra on ra.account_id = q.account_id
  left join declaration d on q.kind = 1 and d.account_id = q.account_id and d.declaration_id = q.entry_id
  left join offset_reversal r on q.kind = 2 and r.account_id = q.account_id and r.reversal_id = q.entry_id and r.cause in (1, 2)
  left join claim c on q.kind = 3 and c.account_id = q.account_id and c.claim_id = q.entry_id and c.kind = 4
where (:run_id is null or q.risk_carrier_id = :carrier)
  and (case q.kind when 1 then d.awarded_cents when 2 then r.cents else c.original_cents end is distinct from q.cents
    or ra.risk_carrier_id is distinct from q.risk_carrier_id or d.agb_id <> q.agb_id or d.available_on <> q.available_on)
