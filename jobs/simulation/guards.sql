-- How often each guard of the night kept a claim from being offset while there was money for it. A decision names the
-- first guard that stood in the way (jobs/night/decide.sql), so each row is a booking that this guard prevented.
-- Reads decisions, writes nothing. Guards that never decided are listed with 0.
with kind (no, name) as (values (1, 'dispute'), (2, 'plan'), (3, 'block'), (4, 'agency'), (5, 'insolvency'),
  (6, 'cession'), (7, 'attachment'), (8, 'reservation'), (9, 'investigation')),
answer (no, name) as (values (30, 'never_by_policy'), (31, 'not_yet_due'), (32, 'not_yet_reminded'),
  (33, 'reminder_term_running'), (34, 'not_requested'), (35, 'switched_off'), (41, 'cap'), (42, 'used_up'),
  (43, 'floor'))
select 'hold_' || k.name, count(d.claim_id) from kind k
  left join decision d on d.hold_kind = k.no and d.answer in (20, 21) and d.with_money group by k.name
union all
select 'account_hold', count(*) from decision where answer = 20 and with_money
union all
select a.name, count(d.claim_id) from answer a left join decision d on d.answer = a.no and d.with_money group by a.name
union all
select 'part_held', count(*) from decision where held_cents > 0 and answer in (1, 2)
union all
select 'no_iban', count(*) from run_parked where reason = 'no IBAN'
union all
select 'payout_hold', count(*) from payout where held = 1
union all
select 'gate', count(*) from audit where action = 'night waits'
union all
select 'advance_not_paid', count(*) from decision where answer = 45
union all
select 'maturity_waits_for_its_day', count(*) from claim_position p join claim c using (account_id, claim_id)
  where c.kind in (2, 3, 7) and p.open_principal_cents > 0 and not exists (select 1 from claim_maturity m
    where (m.account_id, m.claim_id) = (p.account_id, p.claim_id))
union all  -- the payer was paid out while what the debtor owes found no money: only that the agreement is over was in the way
select 'agreement_over', count(*) from offset_agreement g
  join payout y on y.account_id = g.account_id and y.net_cents > 0 and y.held = 0
    and (y.business_date >= g.ended_on or y.business_date > g.valid_until)
  join decision d on d.account_id = g.debtor_account_id and d.answer in (40, 42) and d.valid_from <= y.business_date
  where not exists (select 1 from decision n where n.account_id = d.account_id and n.claim_id = d.claim_id
      and n.valid_from > d.valid_from and n.valid_from <= y.business_date)
    and not exists (select 1 from offset_agreement o where o.account_id = g.account_id
      and o.debtor_account_id = g.debtor_account_id and o.valid_from <= y.business_date
      and coalesce(o.valid_until, 'infinity') >= y.business_date and coalesce(o.ended_on, 'infinity') > y.business_date)
