-- The id that a source gave leads to what it brought: a declaration, claim, payment, step, hold or other fact on that running account.
-- Protects: the same record from the same source is one fact; a key without its fact would swallow the record when it is sent again.
-- Scope: all
-- Invariant: O2
select s.risk_carrier_id, s.account_id, format('source id %s of %s (kind %s) leads to %s, which is not on running account %s', s.source_id, s.source, s.kind, s.fact_id, s.account_id) as what
from source_key s
where s.kind between 1 and 13 and s.kind <> 8 and not case
  when s.kind = 1 then exists (select 1 from declaration x where x.account_id = s.account_id and x.declaration_id = s.fact_id)
  when s.kind <= 4 then exists (select 1 from claim x where x.account_id = s.account_id and x.claim_id = s.fact_id)
  when s.kind = 5 then exists (select 1 from payment x where x.account_id = s.account_id and x.payment_id = s.fact_id)
  when s.kind = 6 then exists (select 1 from claim_step x where x.account_id = s.account_id and x.step_id = s.fact_id)
  when s.kind = 7 then exists (select 1 from hold x where x.account_id = s.account_id and x.hold_id = s.fact_id)
  when s.kind in (9, 10) then exists (select 1 from adjustment x where x.account_id = s.account_id and x.adjustment_id = s.fact_id)
  when s.kind = 11 then exists (select 1 from charge x where x.account_id = s.account_id and x.charge_id = s.fact_id)
  when s.kind = 12 then exists (select 1 from offset_reversal x where x.account_id = s.account_id and x.reversal_id = s.fact_id)
  else exists (select 1 from offset_instruction x where x.account_id = s.account_id and x.instruction_id = s.fact_id) end
