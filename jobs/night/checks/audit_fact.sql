-- No audit row tells of what is not there: its subject exists, on the running account and under the risk carrier that it names.
-- Protects: no audit row lacks its change (a rolled back write leaves none; nothing audited is deleted).
-- Scope: all
-- Invariant: T2
with told as materialized (
  select a.audit_id, a.risk_carrier_id, a.account_id, a.action, split_part(a.subject, ':', 1) as kind, split_part(a.subject, ':', 2)::bigint as id
  from audit a where a.subject ~ '^(claim|declaration|payment|hold|step|payout|run|batch|import|policy|payment_file|incident):[0-9]{1,18}$')
select t.risk_carrier_id, t.account_id, format('audit row %s "%s" tells of %s %s, which does not exist there', t.audit_id, t.action, t.kind, t.id) as what
from told t
where not case t.kind
  when 'claim' then exists (select 1 from claim x where x.account_id = t.account_id and x.claim_id = t.id)
    or exists (select 1 from claim_settlement x where x.account_id = t.account_id and x.settlement_id = t.id)   -- a final settlement has no claim of its own
  when 'declaration' then exists (select 1 from declaration x where x.account_id = t.account_id and x.declaration_id = t.id)
  when 'payment' then exists (select 1 from payment x where x.account_id = t.account_id and x.payment_id = t.id)
  when 'hold' then exists (select 1 from hold x where x.account_id = t.account_id and x.hold_id = t.id)
  when 'step' then exists (select 1 from claim_step x where x.account_id = t.account_id and x.step_id = t.id)
  when 'payout' then exists (select 1 from payout x where x.account_id = t.account_id and x.payout_id = t.id)
  when 'run' then exists (select 1 from run x where x.risk_carrier_id = t.risk_carrier_id and x.run_id = t.id)
  when 'batch' then exists (select 1 from batch x where x.risk_carrier_id = t.risk_carrier_id and x.batch_id = t.id)
  when 'import' then exists (select 1 from import_file x where x.risk_carrier_id = t.risk_carrier_id and x.import_id = t.id)
  when 'policy' then exists (select 1 from policy_version x where x.risk_carrier_id = t.risk_carrier_id and x.policy_version_id = t.id)
  when 'payment_file' then exists (select 1 from payment_file x where x.risk_carrier_id = t.risk_carrier_id and x.payment_file_id = t.id)
  else exists (select 1 from incident x where x.risk_carrier_id = t.risk_carrier_id and x.incident_id = t.id) end
