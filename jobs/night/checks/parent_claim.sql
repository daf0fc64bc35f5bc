-- What is about a claim is about one that exists on the same running account.
-- Protects: design §6 "no row foreign keys in the hot tables (a set-based check proves them)"; nothing of a provider hangs on another's claim.
-- Scope: all
-- Claims without position, reference or posting, and postings without claim: claim_position_row, claim_reference, claim_registered, posting_fits.
-- Invariant: P5, T1
with child as (
  select 'claim_line' as name, x.risk_carrier_id, x.account_id, x.claim_id from claim_line x where x.line_no = 1
  union all select 'claim_line ' || x.line_no, x.risk_carrier_id, x.account_id, x.claim_id from claim_line x where x.line_no > 1
  union all select 'claim_step', x.risk_carrier_id, x.account_id, x.claim_id from claim_step x
  union all select 'claim_due_date', x.risk_carrier_id, x.account_id, x.claim_id from claim_due_date x
  union all select 'claim_maturity', x.risk_carrier_id, x.account_id, x.claim_id from claim_maturity x
  union all select 'claim_settlement', x.risk_carrier_id, x.account_id, x.claim_id from claim_settlement x
  union all select 'hold', x.risk_carrier_id, x.account_id, x.claim_id from hold x where x.claim_id is not null
  union all select 'offset_instruction', x.risk_carrier_id, x.account_id, x.claim_id from offset_instruction x where x.claim_id is not null
  union all select 'dunning_proposal', x.risk_carrier_id, x.account_id, x.claim_id from dunning_proposal x
  union all select 'adjustment', x.risk_carrier_id, x.account_id, x.claim_id from adjustment x
  union all select 'charge', x.risk_carrier_id, x.account_id, x.claim_id from charge x
  union all select 'allocation', x.risk_carrier_id, x.account_id, x.claim_id from allocation x
  union all select 'offset_reversal', x.risk_carrier_id, x.account_id, x.claim_id from offset_reversal x
  union all select 'takeover', x.risk_carrier_id, x.account_id, x.claim_id from takeover x
  union all select 'takeover_return', x.risk_carrier_id, x.account_id, x.claim_id from takeover_return x
  union all select 'payable', x.risk_carrier_id, x.account_id, x.offset_claim_id from payable x where x.offset_claim_id is not null
  union all select 'claim (settles)', x.risk_carrier_id, x.account_id, x.settles_claim_id from claim x where x.settles_claim_id is not null)
select x.risk_carrier_id, x.account_id, format('a row of %s is about claim %s, which is not on running account %s', x.name, x.claim_id, x.account_id) as what
from child x left join claim c on c.account_id = x.account_id and c.claim_id = x.claim_id
where c.claim_id is null
