-- 0045 Money on account is given to a claim by a fact of its own, and what the API looks up by number is found by an index.

-- payment_id: the payment whose rest is given; null: money that came free when a claim was lowered or withdrawn (postings 34 to 36).
create table allocation (
  account_id bigint not null, allocation_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  payment_id bigint, claim_id bigint not null, cents bigint not null check (cents > 0),
  decided_on date not null, effective_date date not null, reason text not null,
  primary key (account_id, allocation_id)
);
select secure_tenant_table('allocation');
grant select on allocation to vereffen_staff, vereffen_worker, vereffen_readonly, vereffen_portal;
grant insert on allocation to vereffen_staff, vereffen_worker;

-- A hold and a payment are called by their number outside. Not unique: the primary key starts with the running account, and a unique
-- key without a tenant would tell one tenant what another has. One in many running accounts has either, so both indexes stay small.
-- squawk-ignore require-concurrent-index-creation
create index hold_number on hold (hold_id);
-- squawk-ignore require-concurrent-index-creation
create index payment_number on payment (payment_id);

-- As in 0016, with the money on account that a claim got.
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

-- The systems that facts of a kind came from, by file or by request: one step of the primary key each, however many facts there are.
create function known_sources(p_carrier smallint, p_kind smallint) returns setof text language sql stable as $$
with recursive s as (
  (select k.source from source_key k where k.risk_carrier_id = p_carrier and k.kind = p_kind order by k.source limit 1)
  union all
  select (select k.source from source_key k where k.risk_carrier_id = p_carrier and k.kind = p_kind and k.source > s.source order by k.source limit 1)
  from s where s.source is not null)
select source from s where source is not null
$$;
