-- What a night made names a run of its own risk carrier (and, where it bears a date, of that date); what a file brought names that file.
-- Protects: T1 over run and import_file; every row of a night leads back to the policy and the worker that made it.
-- Scope: all
-- Invariant: F2, T1
with child as (
  select 'payout' as name, x.run_id, x.risk_carrier_id, x.business_date, count(*) as rows from payout x group by 2, 3, 4
  union all select 'decision', x.run_id, x.risk_carrier_id, x.valid_from, count(*) from decision x group by 2, 3, 4
  union all select 'dunning_proposal', x.run_id, x.risk_carrier_id, x.proposed_on, count(*) from dunning_proposal x group by 2, 3, 4
  union all select 'run_batch', x.run_id, x.risk_carrier_id, null, count(*) from run_batch x group by 2, 3
  union all select 'run_agreement', x.run_id, x.risk_carrier_id, null, count(*) from run_agreement x group by 2, 3
  union all select 'takeover_return', x.run_id, ra.risk_carrier_id, null, count(*)   -- its night is the payer's; that of a takeover: agreement_held
    from takeover_return x join takeover t on t.account_id = x.account_id and t.takeover_id = x.takeover_id join running_account ra on ra.account_id = t.payer_account_id
    group by 2, 3
  union all select 'run_parked', x.run_id, x.risk_carrier_id, null, count(*) from run_parked x group by 2, 3
  union all select 'payment_file', x.run_id, x.risk_carrier_id, null, count(*) from payment_file x group by 2, 3
  union all select 'incident', x.run_id, x.risk_carrier_id, null, count(*) from incident x where x.run_id is not null group by 2, 3),
brought as (
  select 'declaration' as name, x.import_id, x.risk_carrier_id, count(*) as rows from declaration x where x.import_id is not null group by 2, 3
  union all select 'claim', x.import_id, x.risk_carrier_id, count(*) from claim x where x.import_id is not null group by 2, 3
  union all select 'claim_due_date', x.import_id, x.risk_carrier_id, count(*) from claim_due_date x where x.import_id is not null group by 2, 3
  union all select 'claim_settlement', x.import_id, x.risk_carrier_id, count(*) from claim_settlement x where x.import_id is not null group by 2, 3)
select x.risk_carrier_id, null::bigint as account_id,
  format('%s rows of %s of risk carrier %s and date %s name run %s, which is of %s and %s', x.rows, x.name, x.risk_carrier_id, x.business_date, x.run_id,
    r.risk_carrier_id, r.business_date) as what
from child x left join run r on r.run_id = x.run_id
where r.risk_carrier_id is distinct from x.risk_carrier_id or r.business_date <> x.business_date
union all
select x.risk_carrier_id, null, format('%s rows of %s of risk carrier %s name file %s, which is of %s', x.rows, x.name, x.risk_carrier_id, x.import_id, f.risk_carrier_id)
from brought x left join import_file f on f.import_id = x.import_id
where f.risk_carrier_id is distinct from x.risk_carrier_id
