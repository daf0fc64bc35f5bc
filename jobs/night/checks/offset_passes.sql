-- A claim is offset only by a pass that the policy of the night gives its reason: a line that another pass made is one too many. What an agreement
-- took over is offset by the pass "same entity" whatever its reason: own money first.
-- Protects: OF-1, ordered passes per reason code; the night reads them where pairs and streams are made (jobs/night/decide.sql).
-- Scope: run
-- Invariant: C22
select p.risk_carrier_id, p.account_id,
  format('line %s of declaration %s on claim %s of reason %s: pass %s, and the policy gives that reason %s', p.line, p.event_id, p.claim_id, rp.reason_id, p.pass, rp.passes::text) as what
from run r
  join reason_policy rp on rp.policy_version_id = r.policy_version_id and rp.passes is not null
  join posting p on p.risk_carrier_id = r.risk_carrier_id and p.booking_date = r.business_date and p.kind in (2, 3, 4) and p.pass = any (rp.passes) is not true
  join claim_position k on k.account_id = p.account_id and k.claim_id = p.claim_id
  left join claim_maturity m on m.account_id = p.account_id and m.claim_id = p.claim_id and m.matured_on >= p.booking_date   -- after the offsets of its night
where coalesce(m.from_reason_id, k.reason_id) = rp.reason_id and k.kind <> 8
  and (select exists (select 1 from reason_policy x where x.passes is not null))                                             -- none has, mostly: then nothing is read
  and (:run_id is null or r.run_id = :run_id and p.booking_date = :day and p.risk_carrier_id = :carrier)
union all
select p.risk_carrier_id, p.account_id, format('line %s of declaration %s on claim %s, which was taken over: pass %s', p.line, p.event_id, p.claim_id, p.pass)
from takeover t join posting p on p.account_id = t.payer_account_id and p.claim_id = t.takeover_id and p.kind in (2, 3, 4) and p.pass <> 4
  and (:run_id is null or p.booking_date = :day)
where :run_id is null or t.run_id = :run_id
