-- 0046 A held payout may be sent to another registered IBAN; incidents are resolved by staff; the statement of an AGB code reads less.

-- The payout row keeps the IBAN that its night chose. The newest redirection says where the money goes instead; none once it was sent.
create table payout_redirection (
  account_id bigint not null, redirection_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  payout_id bigint not null, iban_id int not null, decided_on date not null, reason text not null,
  primary key (account_id, payout_id, redirection_id)
);
select secure_tenant_table('payout_redirection');
grant select on payout_redirection to vereffen_staff, vereffen_worker, vereffen_readonly, vereffen_portal;
grant insert on payout_redirection to vereffen_staff, vereffen_worker;
-- security_invoker: who asks sees through it what its own row-level security lets through
create view redirected_payout with (security_invoker = true) as
select distinct on (account_id, payout_id) account_id, payout_id, iban_id from payout_redirection order by account_id, payout_id, redirection_id desc;
grant select on redirected_payout to vereffen_staff, vereffen_worker, vereffen_readonly, vereffen_portal;

-- An incident is closed with its reason by who looked at it; what it says and about whom never changes.
grant update (resolved_at, resolved_by, resolution) on incident to vereffen_staff;

-- As in 0021, with a first day and with only the rows that are needed: 100,000 in between did not fit in work_mem.
-- What is the code's own is read first and by itself, so that no plan made for a small account looks each posting of a large one up.
-- From a first day on it is right too: the postings of a payout and of its declarations have one booking date, that of their night.
-- squawk-ignore ban-drop-function
drop function account_agb_movements(bigint, date, timestamptz, int[]);
create function account_agb_movements(p_account bigint, p_from date, p_until date, p_known_at timestamptz, p_agbs int[])
returns table (booking_date date, event_id bigint, kind smallint, line int, payable_delta bigint, claims_delta bigint, on_account_delta bigint)
language sql stable rows 1000 as $$
with own_d as materialized (select declaration_id from declaration where account_id = p_account and agb_id = any (p_agbs)),
own_c as materialized (select claim_id from claim where account_id = p_account and agb_id = any (p_agbs)),
p as materialized (
  select x.booking_date, x.event_id, x.kind, x.line, x.payout_id, x.debit, x.credit, x.cents,
    d.declaration_id is not null as own_declaration, c.claim_id is not null as own_claim
  from posting x
    left join own_d d on d.declaration_id = case when x.kind between 1 and 4 then x.event_id when x.kind between 30 and 33 then x.reverses_event_id end
    left join own_c c on c.claim_id = x.claim_id
  where x.account_id = p_account and x.booking_date between p_from and p_until and x.recorded_at <= p_known_at
    and (d.declaration_id is not null or c.claim_id is not null or x.kind = 5)),
share as (
  select s.payout_id, sum(s.cents) as cents from (
    select p.payout_id, case p.kind when 1 then p.cents else -p.cents end as cents from p where p.own_declaration and p.kind between 1 and 4
    union all
    select e.payout_id, e.cents from payout_entry e
      join offset_reversal r on r.account_id = p_account and r.reversal_id = e.entry_id
      join own_d d on d.declaration_id = r.declaration_id
    where e.account_id = p_account and e.kind = 2) s
  group by s.payout_id)
select p.booking_date, p.event_id, p.kind, p.line,
  case when not p.own_declaration then 0 when p.credit = 1 then p.cents when p.debit = 1 then -p.cents else 0 end,
  case when not p.own_claim then 0 when p.debit in (2, 3, 4) then p.cents when p.credit in (2, 3, 4) then -p.cents else 0 end, 0::bigint
from p where p.kind <> 5 and (p.own_declaration or p.own_claim)
union all
select p.booking_date, p.event_id, p.kind, p.line, -s.cents::bigint, 0::bigint, 0::bigint
from p join share s on s.payout_id = p.payout_id where p.kind = 5 and s.cents <> 0
$$;
