-- Every hold, payment, redirection, agreement, file, policy version, payment file and night has its audit row.
-- Protects: who did what: facts that book nothing have no posting whose moment could be looked up (posting_audited).
-- Scope: all
-- What an opening file brings (holds and payments of its claims) is told by the row of the file.
-- Invariant: G4
with told as materialized (
  select a.subject, a.action, a.account_id, a.risk_carrier_id, a.body from audit a where (a.subject ~ '^(hold|payment|payout|import|policy|payment_file|run|batch):' or a.action = 'agreement registered'))
select h.risk_carrier_id, h.account_id, format('hold %s has no audit row', h.hold_id) as what
from hold h left join claim c on c.account_id = h.account_id and c.claim_id = h.claim_id
where c.opening is not true and not exists (select 1 from told t where t.subject = 'hold:' || h.hold_id and t.action = 'hold recorded' and t.account_id = h.account_id)
union all
select m.risk_carrier_id, m.account_id, format('payment %s has no audit row', m.payment_id) from payment m
where not m.opening and not exists (select 1 from told t where t.subject = 'payment:' || m.payment_id and t.account_id = m.account_id)
union all
select d.risk_carrier_id, d.account_id, format('redirection %s of payout %s has no audit row', d.redirection_id, d.payout_id) from payout_redirection d
where not exists (select 1 from told t where t.subject = 'payout:' || d.payout_id and t.action = 'payout redirected' and t.account_id = d.account_id)
union all
select g.risk_carrier_id, g.account_id, format('agreement %s (%s) has no audit row', g.agreement_id, g.number) from offset_agreement g
where not exists (
  select 1 from told t where t.subject = 'account:' || g.account_id and t.action = 'agreement registered' and t.account_id = g.account_id and t.body ->> 'number' = g.number)
union all
select f.risk_carrier_id, null, format('file %s (%s) has no audit row', f.import_id, f.kind) from import_file f
where not exists (select 1 from told t where t.subject = 'import:' || f.import_id and t.risk_carrier_id = f.risk_carrier_id)
union all
select v.risk_carrier_id, null, format('policy version %s has no audit row', v.version) from policy_version v
where not exists (select 1 from told t where t.subject = 'policy:' || v.policy_version_id and t.risk_carrier_id = v.risk_carrier_id)
union all
select f.risk_carrier_id, null, format('payment file %s has no audit row', f.message_id) from payment_file f
where not exists (select 1 from told t where t.subject = 'payment_file:' || f.payment_file_id and t.risk_carrier_id = f.risk_carrier_id)
union all
select b.risk_carrier_id, null, format('batch %s (%s) has no audit row', b.batch_id, coalesce(b.outcome, 'received')) from batch b
where not exists (select 1 from told t where t.subject = 'batch:' || b.batch_id and t.action = 'batch ' || coalesce(b.outcome, 'received'))
union all
select r.risk_carrier_id, null, format('the night of %s is %s and has no audit row of it', r.business_date, r.state) from run r
where r.state in ('proven', 'released') and not exists (select 1 from told t where t.subject = 'run:' || r.run_id and t.action = 'night ' || r.state)
