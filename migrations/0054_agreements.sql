-- 0054 Registered agreements (OF-10): what one running account owes may be offset with the declarations of another one, another provider's or
-- another risk carrier's, only where both agreed to it (art. 6:127 BW asks for debts between the same two parties; an agreement may widen that).
--
-- Every running account stays whole by itself. The night takes an amount of the debtor's claim over into the payer's running account: a claim
-- of kind 8 there (posting 40), as much less open at the debtor's (posting 41), the two against ledger account 13, which therefore is zero
-- over both together. What is still open of it in the next night (the offset was reversed, the account was parked) goes back (42, 43).

insert into decision_answer values (47, 'goes back to its debtor', 'Wat onder een overeenkomst was overgenomen, gaat terug naar de schuldenaar',
  'What was taken over under an agreement goes back to its debtor');
insert into ledger_account values (13, 'agreements', 'Tussenrekening overeenkomsten', 'Agreements');
insert into posting_kind values (40, 'taken_over', 2, 13), (41, 'taken_over_by_payer', 13, 2), (42, 'given_back', 13, 2), (43, 'given_back_by_payer', 2, 13);
-- squawk-ignore ban-drop-constraint
alter table posting drop constraint posting_kind_fits;   -- its wider successor follows in the same transaction
alter table posting add constraint posting_kind_fits check ((kind * 10000 + debit * 100 + credit) = any (
  '{10501,20102,30103,40104,50106,60607,70205,80212,90206,100212,110702,120703,130704,140708,150802,160803,170804,181202,200411,210310,220502,230205,240902,250903,260904,271104,281003,300201,310301,320401,330105,340208,350308,360408,400213,411302,421302,430213}'::int[]))
  not valid;   -- the rows that are there passed the narrower check; 0055 validates without blocking readers
-- squawk-ignore ban-drop-constraint
alter table claim drop constraint claim_kind_check;
alter table claim add constraint claim_kind_check check (kind between 1 and 8) not valid;

-- The register. account_id: whose declarations pay (the payer); reason_id: the payer's reason code of what is taken over, quiet and offset at once.
create table offset_agreement (
  account_id bigint not null, agreement_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  debtor_account_id bigint not null, reason_id smallint not null, number text not null, evidence text not null,
  valid_from date not null, valid_until date, reason text not null, ended_on date, end_reason text,
  primary key (account_id, agreement_id),
  check (account_id <> debtor_account_id), check (valid_until >= valid_from), check ((ended_on is null) = (end_reason is null))
);
-- Two agreements of one pair never hold on one day: it would not be clear which of them a cent was taken over by.
-- squawk-ignore require-concurrent-index-creation
alter table offset_agreement add constraint one_agreement_a_day exclude using gist (
  account_id with =, debtor_account_id with =, daterange(valid_from, least(coalesce(valid_until, 'infinity'), coalesce(ended_on - 1, 'infinity')), '[]') with &&)
  where (ended_on is null or ended_on > valid_from);
-- What was taken over, on the debtor's side; the payer's side is its claim of the same number. `payer`, `number` and
-- `payer_claim` (its reference) are told to the debtor; policy_version_id: what decided that the debtor still owes it.
create table takeover (
  account_id bigint not null, takeover_id bigint not null, risk_carrier_id smallint not null, claim_id bigint not null,
  payer_account_id bigint not null, agreement_id bigint not null, run_id bigint not null, policy_version_id int not null,
  cents bigint not null check (cents > 0), taken_on date not null, number text not null, payer text not null, payer_claim text not null,
  primary key (account_id, takeover_id)
);
create table takeover_return (
  account_id bigint not null, return_id bigint not null, risk_carrier_id smallint not null, claim_id bigint not null,
  takeover_id bigint not null, run_id bigint not null, cents bigint not null check (cents > 0), returned_on date not null, reason text not null,
  primary key (account_id, return_id)
);
-- The payers whose agreements a night has gone through: taken up again, it does not go through them twice.
create table run_agreement (
  run_id bigint not null, account_id bigint not null, risk_carrier_id smallint not null, primary key (run_id, account_id)
);
-- squawk-ignore require-concurrent-index-creation
create index takeover_payer on takeover (payer_account_id, takeover_id);
-- squawk-ignore require-concurrent-index-creation
create index offset_agreement_debtor on offset_agreement (debtor_account_id);
select secure_tenant_table(t) from unnest('{offset_agreement,takeover,takeover_return,run_agreement}'::regclass[]) t;
grant select on offset_agreement, takeover, takeover_return, run_agreement to vereffen_staff, vereffen_worker, vereffen_readonly;
grant select on offset_agreement, takeover, takeover_return to vereffen_portal;
grant insert on takeover, takeover_return, run_agreement to vereffen_worker;
grant insert on offset_agreement to vereffen_staff;
grant update (ended_on, end_reason) on offset_agreement to vereffen_staff;

-- As in 0045, with what an agreement took over.
create or replace function claim_timeline(p_account bigint, p_claim bigint)
returns table (on_date date, fact_id bigint, what text, cents bigint, cause text) language sql stable as $$
with facts as (
  select c.registered_on as on_date, c.claim_id as fact_id, 'registered' as what, c.original_cents as cents, c.ground as cause
    from claim c where c.account_id = p_account and c.claim_id = p_claim
  union all select matured_on, claim_id, 'became a claim with a letter', null, 'open too long; due ' || due_date
    from claim_maturity where account_id = p_account and claim_id = p_claim
  union all select changed_on, change_id, 'due date changed', null, old_due_date || ' -> ' || new_due_date
    from claim_due_date where account_id = p_account and claim_id = p_claim
  union all select sent_on, step_id, case kind when 1 then 'notice ' when 2 then 'reminder ' else 'last notice ' end || step_no, asked_cents,
      'term until ' || term_end || coalesce(', reference ' || payment_reference, '')
    from claim_step where account_id = p_account and claim_id = p_claim
  union all select p.booking_date, p.event_id, case p.kind when 9 then 'advance paid' else 'advance paid elsewhere' end, p.cents, ''
    from posting p where p.account_id = p_account and p.claim_id = p_claim and p.kind in (9, 10)
  union all select p.booking_date, p.event_id, 'offset', sum(p.cents)::bigint, 'declaration ' || d.number
    from posting p join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id
    where p.account_id = p_account and p.claim_id = p_claim and p.kind between 2 and 4 group by p.booking_date, p.event_id, d.number
  union all select t.taken_on, t.takeover_id, 'offset under an agreement', t.cents, 'agreement ' || t.number || ', ' || t.payer
    from takeover t where t.account_id = p_account and t.claim_id = p_claim
  union all select t.returned_on, t.return_id, 'came back from an agreement', t.cents, t.reason
    from takeover_return t where t.account_id = p_account and t.claim_id = p_claim
  union all select r.decided_on, r.reversal_id, 'offset reversed', r.cents, r.reason
    from offset_reversal r where r.account_id = p_account and r.claim_id = p_claim
  union all select p.booking_date, p.event_id, 'payment', sum(p.cents)::bigint, coalesce('reference ' || m.reference, 'no reference')
    from posting p join payment m on m.account_id = p.account_id and m.payment_id = p.event_id
    where p.account_id = p_account and p.claim_id = p_claim and p.kind between 11 and 18 group by p.booking_date, p.event_id, m.reference
  union all select decided_on, allocation_id, 'money on account given', cents, reason
    from allocation where account_id = p_account and claim_id = p_claim
  union all select decided_on, adjustment_id, case kind when 1 then 'adjusted' when 2 then 'withdrawn' else 'written off' end, delta_cents, reason
    from adjustment where account_id = p_account and claim_id = p_claim
  union all select charged_on, charge_id, case kind when 1 then 'costs charged' else 'interest charged' end, cents, reason
    from charge where account_id = p_account and claim_id = p_claim
  union all select from_date, hold_id, 'hold started', cents, reason from hold where account_id = p_account and (claim_id = p_claim or claim_id is null)
  union all select ended_on, hold_id, 'hold ended', cents, reason from hold
    where account_id = p_account and (claim_id = p_claim or claim_id is null) and ended_on is not null
  union all select valid_from, instruction_id, 'offset instruction', null, reason from offset_instruction where account_id = p_account and claim_id = p_claim
  union all select (body ->> 'requestedOn')::date, (body ->> 'id')::bigint, 'offset requested', null, actor
    from audit where account_id = p_account and subject = 'claim:' || p_claim and action = 'offset requested')
select on_date, fact_id, what, cents, cause from facts order by on_date, fact_id, what
$$;

-- As in 0051: what was taken over is claimed where it lies, so that the claims of both running accounts together stay what they were.
create or replace function claim_parts()
returns table (risk_carrier_id int, reason_id int, account_id bigint, claim_id bigint, claimed_cents bigint, paid_cents bigint,
  offset_cents bigint, withdrawn_cents bigint, written_off_cents bigint, disputed_cents bigint, agency_cents bigint, open_cents bigint,
  held_cents bigint) language sql stable as $$
with moved as (
  select p.account_id, p.claim_id,
    sum(case when p.kind in (7, 8, 9, 10, 20, 21, 23, 40, 43) then p.cents when p.kind in (41, 42) then -p.cents else 0 end)::bigint as claimed,
    sum(case when p.kind in (11, 12, 13, 15, 16, 17, 18) then p.cents when p.kind in (34, 35, 36) then -p.cents else 0 end)::bigint as paid,
    sum(case when p.kind in (2, 3, 4) then p.cents when p.kind in (30, 31, 32) then -p.cents else 0 end)::bigint as offset_cents,
    sum(case when p.kind in (22, 27, 28) then p.cents else 0 end)::bigint as withdrawn,
    sum(case when p.kind in (24, 25, 26) then p.cents else 0 end)::bigint as written_off
  from posting p where p.claim_id is not null group by p.account_id, p.claim_id),
kept as (
  select h.account_id, h.claim_id,
    sum(case when h.kind = 1 then coalesce(h.cents, 1000000000000) else 0 end)::bigint as in_dispute,
    sum(case when h.kind = 4 then coalesce(h.cents, 1000000000000) else 0 end)::bigint as at_agency
  from hold h where h.active and h.claim_id is not null and h.kind in (1, 4) group by h.account_id, h.claim_id),
standing as (
  select k.risk_carrier_id, k.reason_id, k.held_cents, m.*, coalesce(h.in_dispute, 0) as in_dispute,
    least(m.claimed - m.paid - m.offset_cents - m.withdrawn - m.written_off, coalesce(h.at_agency, 0)) as agency,
    m.claimed - m.paid - m.offset_cents - m.withdrawn - m.written_off as owed
  from moved m join claim_position k on k.account_id = m.account_id and k.claim_id = m.claim_id
    left join kept h on h.account_id = m.account_id and h.claim_id = m.claim_id)
select s.risk_carrier_id, s.reason_id, s.account_id, s.claim_id, s.claimed, s.paid, s.offset_cents, s.withdrawn, s.written_off,
  least(s.owed - s.agency, s.in_dispute), s.agency, s.owed - s.agency - least(s.owed - s.agency, s.in_dispute), s.held_cents
from standing s
$$;

-- As in 0016: what an agreement took over was offset, as the debtor sees it.
create or replace function claims_register(p_account bigint, p_on date, p_claim bigint)
returns table (claim_id bigint, reference text, kind smallint, reason text, number text, amount_cents bigint, open_cents bigint, due_date date, queued boolean,
  withdrawn boolean, written_off_cents bigint, offset_cents bigint, paid_cents bigint, matured boolean, reminders bigint, hold_kinds smallint[])
language sql stable as $$
with booked as (
  select p.claim_id, sum(p.cents * ((p.debit in (2, 3, 4))::int - (p.credit in (2, 3, 4))::int))::bigint as open_cents,
    sum(p.cents * case when p.kind between 2 and 4 or p.kind = 41 then 1 when p.kind between 30 and 32 or p.kind = 43 then -1 else 0 end)::bigint as offset_cents,
    sum(p.cents * case when p.kind in (11, 12, 13, 15, 16, 17, 18) then 1 when p.kind between 34 and 36 then -1 else 0 end)::bigint
      as paid_cents,
    sum(p.cents * (p.kind between 24 and 26)::int)::bigint as written_off_cents
  from posting p where p.account_id = p_account and p.booking_date <= p_on and p.claim_id is not null group by p.claim_id),
changed as (
  select a.claim_id, bool_or(a.kind = 2) as withdrawn, sum(a.delta_cents) filter (where a.kind <> 3)::bigint as delta_cents
  from adjustment a where a.account_id = p_account and a.decided_on <= p_on group by a.claim_id)
select c.claim_id, c.reference, c.kind, r.code as reason, c.number, (c.original_cents + coalesce(x.delta_cents, 0))::bigint as amount_cents,
  coalesce(b.open_cents, 0) as open_cents, coalesce(m.due_date, p.due_date) as due_date,
  b.claim_id is null and not coalesce(x.withdrawn, false) as queued, coalesce(x.withdrawn, false) as withdrawn,
  coalesce(b.written_off_cents, 0) as written_off_cents, coalesce(b.offset_cents, 0) as offset_cents,
  coalesce(b.paid_cents, 0) as paid_cents, m.claim_id is not null as matured,
  (select count(*) from claim_step s where s.account_id = p_account and s.claim_id = c.claim_id and s.kind = 2 and s.sent_on <= p_on) as reminders,
  array(select distinct h.kind from hold h where h.account_id = p_account and (h.claim_id = c.claim_id or h.claim_id is null)
    and h.from_date <= p_on and (h.until_date is null or h.until_date >= p_on) and (h.ended_on is null or h.ended_on > p_on)) as hold_kinds
from claim c join claim_position p using (account_id, claim_id)
  left join booked b on b.claim_id = c.claim_id left join changed x on x.claim_id = c.claim_id
  left join claim_maturity m on m.account_id = p_account and m.claim_id = c.claim_id and m.matured_on <= p_on
  join reason_code r on r.reason_id = coalesce(m.to_reason_id, c.reason_id)
where c.account_id = p_account and c.registered_on <= p_on and (p_claim is null or c.claim_id = p_claim) order by c.claim_id
$$;
