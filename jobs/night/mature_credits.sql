-- CR-9: a quiet credit or correction that is still open after its days becomes a claim with a letter (DS93, CM93).
-- Reads: claim_position, reason_policy, hold. Writes: claim_maturity, claim_position (reason, due date). Repeatable: claim_maturity's key.
-- Under the lock of the running accounts in $4. $1 risk carrier, $2 business date, $3 policy version, $4 accounts
with due as (
  select c.account_id, c.claim_id, c.reason_id as from_reason_id, rp.matures_to as to_reason_id, $2::date + coalesce(t.payment_term_days, 30) as due_date
  from claim_position c join reason_policy rp on rp.policy_version_id = $3::int and rp.reason_id = c.reason_id
    join reason_policy t on t.policy_version_id = $3 and t.reason_id = rp.matures_to
  where c.account_id = any ($4::bigint[]) and c.risk_carrier_id = $1::smallint and rp.quiet and rp.matures_days is not null and c.kind <> 8
    and c.open_principal_cents > 0 and c.registered_on + rp.matures_days <= $2
    and not exists (select 1 from hold h where h.account_id = c.account_id and (h.claim_id = c.claim_id or h.claim_id is null) and h.for_dunning
      and (h.ended_on is null or h.ended_on > $2) and (h.from_date <= $2 or h.active) and (h.until_date is null or h.until_date >= $2))),   -- no letter about what is kept out of dunning
matured as (
  insert into claim_maturity (account_id, claim_id, risk_carrier_id, matured_on, from_reason_id, to_reason_id, letter_date, due_date)
  select account_id, claim_id, $1, $2, from_reason_id, to_reason_id, $2, due_date from due
  on conflict do nothing returning account_id, claim_id, to_reason_id, due_date),
moved as (
  update claim_position p set reason_id = m.to_reason_id, due_date = m.due_date from matured m where p.account_id = m.account_id and p.claim_id = m.claim_id
  returning p.account_id, p.claim_id)
select m.account_id, m.claim_id from matured m join moved using (account_id, claim_id) order by 1, 2
