-- 0021 The movements of one running account, seen from its three sides: what the insurer owes the provider (payable, ledger account 1),
-- what the provider owes (claims: 2 principal, 3 costs, 4 interest), and money received that no claim has taken yet (on account: 8).
-- A side grows with a positive delta. Reads posting; the whole statement (totals, pages, export) comes from here, so they cannot differ.

-- Everything that was booked up to p_until and known at p_known_at. With p_claim: only the claims side of that claim.
create function account_movements(p_account bigint, p_until date, p_known_at timestamptz, p_claim bigint)
returns table (booking_date date, event_id bigint, kind smallint, line int, payable_delta bigint, claims_delta bigint, on_account_delta bigint)
language sql stable rows 1000 as $$
select p.booking_date, p.event_id, p.kind, p.line,
  case when p_claim is not null then 0 when p.credit = 1 then p.cents when p.debit = 1 then -p.cents else 0 end,
  case when p.debit in (2, 3, 4) then p.cents when p.credit in (2, 3, 4) then -p.cents else 0 end,
  case when p_claim is not null then 0 when p.credit = 8 then p.cents when p.debit = 8 then -p.cents else 0 end
from posting p
where p.account_id = p_account and p.booking_date <= p_until and p.recorded_at <= p_known_at
  and (p_claim is null or p.claim_id = p_claim) and (p.debit in (1, 2, 3, 4, 8) or p.credit in (1, 2, 3, 4, 8))
$$;

-- The same for some AGB codes of the provider. An offset may touch two codes: the declaration's on the payable side, the claim's on the
-- claims side. A payout is one sum per IBAN, so it shows as the share of these codes: their declarations less what was offset from
-- them, and what was given back to them. Money on account belongs to no code.
create function account_agb_movements(p_account bigint, p_until date, p_known_at timestamptz, p_agbs int[])
returns table (booking_date date, event_id bigint, kind smallint, line int, payable_delta bigint, claims_delta bigint, on_account_delta bigint)
language sql stable rows 1000 as $$
with p as (
  select x.booking_date, x.event_id, x.kind, x.line, x.payout_id, x.claim_id, x.debit, x.credit, x.cents,
    d.declaration_id is not null as own_declaration, c.claim_id is not null as own_claim
  from posting x
    left join declaration d on d.account_id = p_account and d.agb_id = any (p_agbs)
      and d.declaration_id = case when x.kind between 1 and 4 then x.event_id when x.kind between 30 and 33 then x.reverses_event_id end
    left join claim c on c.account_id = p_account and c.claim_id = x.claim_id and c.agb_id = any (p_agbs)
  where x.account_id = p_account and x.booking_date <= p_until and x.recorded_at <= p_known_at),
share as (
  select s.payout_id, sum(s.cents) as cents from (
    select p.payout_id, case p.kind when 1 then p.cents else -p.cents end as cents from p where p.own_declaration and p.kind between 1 and 4
    union all
    select e.payout_id, e.cents from payout_entry e
      join offset_reversal r on r.account_id = p_account and r.reversal_id = e.entry_id
      join declaration d on d.account_id = p_account and d.declaration_id = r.declaration_id
    where e.account_id = p_account and e.kind = 2 and d.agb_id = any (p_agbs)) s
  group by s.payout_id)
select p.booking_date, p.event_id, p.kind, p.line,
  case when not p.own_declaration then 0 when p.credit = 1 then p.cents when p.debit = 1 then -p.cents else 0 end,
  case when not p.own_claim then 0 when p.debit in (2, 3, 4) then p.cents when p.credit in (2, 3, 4) then -p.cents else 0 end, 0::bigint
from p where p.kind <> 5 and (p.own_declaration or p.own_claim)
union all
select p.booking_date, p.event_id, p.kind, p.line, -s.cents::bigint, 0::bigint, 0::bigint
from p join share s on s.payout_id = p.payout_id where p.kind = 5 and s.cents <> 0
$$;
