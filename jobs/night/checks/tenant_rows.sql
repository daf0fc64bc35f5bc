-- Every row of a running account bears the risk carrier of that account.
-- Protects: design §5 tenants: what a user of one risk carrier may see is decided by this column alone.
-- Scope: all (the night's own rows are proven one by one: posting_fits, payout_payee, batch_scope)
-- posting has its own check (posting_fits); a test holds the list below against the catalog.
-- Invariant: L5, T1
with told as (
  select 'adjustment' as name, x.account_id, x.risk_carrier_id, count(*) as rows from adjustment x group by 2, 3
  union all select 'allocation', x.account_id, x.risk_carrier_id, count(*) from allocation x group by 2, 3
  union all select 'audit', x.account_id, x.risk_carrier_id, count(*) from audit x where x.account_id is not null group by 2, 3
  union all select 'charge', x.account_id, x.risk_carrier_id, count(*) from charge x group by 2, 3
  union all select 'claim', x.account_id, x.risk_carrier_id, count(*) from claim x group by 2, 3
  union all select 'claim_due_date', x.account_id, x.risk_carrier_id, count(*) from claim_due_date x group by 2, 3
  union all select 'claim_line', x.account_id, x.risk_carrier_id, count(*) from claim_line x group by 2, 3
  union all select 'claim_maturity', x.account_id, x.risk_carrier_id, count(*) from claim_maturity x group by 2, 3
  union all select 'claim_position', x.account_id, x.risk_carrier_id, count(*) from claim_position x group by 2, 3
  union all select 'claim_reference', x.account_id, x.risk_carrier_id, count(*) from claim_reference x group by 2, 3
  union all select 'claim_settlement', x.account_id, x.risk_carrier_id, count(*) from claim_settlement x group by 2, 3
  union all select 'claim_step', x.account_id, x.risk_carrier_id, count(*) from claim_step x group by 2, 3
  union all select 'decision', x.account_id, x.risk_carrier_id, count(*) from decision x group by 2, 3
  union all select 'declaration', x.account_id, x.risk_carrier_id, count(*) from declaration x group by 2, 3
  union all select 'declaration_withdrawal', x.account_id, x.risk_carrier_id, count(*) from declaration_withdrawal x group by 2, 3
  union all select 'dunning_proposal', x.account_id, x.risk_carrier_id, count(*) from dunning_proposal x group by 2, 3
  union all select 'hold', x.account_id, x.risk_carrier_id, count(*) from hold x group by 2, 3
  union all select 'incident', x.account_id, x.risk_carrier_id, count(*) from incident x where x.account_id is not null group by 2, 3
  union all select 'offset_instruction', x.account_id, x.risk_carrier_id, count(*) from offset_instruction x group by 2, 3
  union all select 'offset_reversal', x.account_id, x.risk_carrier_id, count(*) from offset_reversal x group by 2, 3
  union all select 'offset_agreement', x.account_id, x.risk_carrier_id, count(*) from offset_agreement x group by 2, 3
  union all select 'payable', x.account_id, x.risk_carrier_id, count(*) from payable x group by 2, 3
  union all select 'payment', x.account_id, x.risk_carrier_id, count(*) from payment x group by 2, 3
  union all select 'payment_instruction', x.account_id, x.risk_carrier_id, count(*) from payment_instruction x group by 2, 3
  union all select 'payment_reference', x.account_id, x.risk_carrier_id, count(*) from payment_reference x group by 2, 3
  union all select 'payment_reference_claim', x.account_id, x.risk_carrier_id, count(*) from payment_reference_claim x group by 2, 3
  union all select 'payout', x.account_id, x.risk_carrier_id, count(*) from payout x group by 2, 3
  union all select 'payout_confirmation', x.account_id, x.risk_carrier_id, count(*) from payout_confirmation x group by 2, 3
  union all select 'payout_entry', x.account_id, x.risk_carrier_id, count(*) from payout_entry x group by 2, 3
  union all select 'payout_redirection', x.account_id, x.risk_carrier_id, count(*) from payout_redirection x group by 2, 3
  union all select 'run_parked', x.account_id, x.risk_carrier_id, count(*) from run_parked x group by 2, 3
  union all select 'run_agreement', x.account_id, x.risk_carrier_id, count(*) from run_agreement x group by 2, 3
  union all select 'source_key', x.account_id, x.risk_carrier_id, count(*) from source_key x group by 2, 3
  union all select 'takeover', x.account_id, x.risk_carrier_id, count(*) from takeover x group by 2, 3
  union all select 'takeover_return', x.account_id, x.risk_carrier_id, count(*) from takeover_return x group by 2, 3)
select t.risk_carrier_id, t.account_id,
  format('%s rows of %s say risk carrier %s; running account %s is of %s', t.rows, t.name, t.risk_carrier_id, t.account_id, ra.risk_carrier_id) as what
from told t left join running_account ra on ra.account_id = t.account_id
where ra.risk_carrier_id is distinct from t.risk_carrier_id
