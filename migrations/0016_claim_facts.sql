-- 0016 A claim's status and timeline are computed from facts (CR-6): these two read them, and store nothing.

-- The claims of a running account as they stood on a date; with p_claim only that one. Amounts in cents; app/claims/status.py makes the word.
create function claims_register(p_account bigint, p_on date, p_claim bigint)
returns table (claim_id bigint, reference text, kind smallint, reason text, number text, amount_cents bigint, open_cents bigint, due_date date, queued boolean,
  withdrawn boolean, written_off_cents bigint, offset_cents bigint, paid_cents bigint, matured boolean, reminders bigint, hold_kinds smallint[])
language sql stable as $$
with booked as (
  select p.claim_id, sum(p.cents * ((p.debit in (2, 3, 4))::int - (p.credit in (2, 3, 4))::int))::bigint as open_cents,
    sum(p.cents * case when p.kind between 2 and 4 then 1 when p.kind between 30 and 32 then -1 else 0 end)::bigint as offset_cents,
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

-- Every fact of one claim in order of date: what happened, how many cents, what caused it.
create function claim_timeline(p_account bigint, p_claim bigint)
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
  union all select r.decided_on, r.reversal_id, 'offset reversed', r.cents, r.reason
    from offset_reversal r where r.account_id = p_account and r.claim_id = p_claim
  union all select p.booking_date, p.event_id, 'payment', sum(p.cents)::bigint, coalesce('reference ' || m.reference, 'no reference')
    from posting p join payment m on m.account_id = p.account_id and m.payment_id = p.event_id
    where p.account_id = p_account and p.claim_id = p_claim and p.kind between 11 and 18 group by p.booking_date, p.event_id, m.reference
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
