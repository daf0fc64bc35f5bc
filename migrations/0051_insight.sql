-- Insight: what is open of each claim at the end of a day, and what became of what was claimed. One row per claim, so that an amount of a
-- report and the list of claims behind it come from the same lines. Read with the rights of who asks (row-level security).

-- What was open at the end of a day: what is open now less what was booked since; with the due date that held on that day.
-- Ledger accounts 2, 3, 4: claims principal, costs, interest.
create function claims_open_on(p_on date)
returns table (risk_carrier_id int, account_id bigint, claim_id bigint, due_date date, cents bigint) language sql stable as $$
with later as (
  select p.account_id, p.claim_id,
    sum(case when p.debit in (2, 3, 4) then p.cents else 0 end - case when p.credit in (2, 3, 4) then p.cents else 0 end)::bigint as cents
  from posting p where p.booking_date > p_on and p.claim_id is not null group by p.account_id, p.claim_id),
changed as (
  select distinct on (x.account_id, x.claim_id) x.account_id, x.claim_id, x.due_date from (
    select c.account_id, c.claim_id, c.changed_on as on_date, c.change_id as nth, c.new_due_date as due_date from claim_due_date c
    union all select m.account_id, m.claim_id, m.matured_on, 0, m.due_date from claim_maturity m) x
  where x.on_date <= p_on order by x.account_id, x.claim_id, x.on_date desc, x.nth desc)
select k.risk_carrier_id, k.account_id, k.claim_id, coalesce(n.due_date, f.due_date),
  k.open_principal_cents + k.open_costs_cents + k.open_interest_cents - coalesce(l.cents, 0)
from claim_position k join claim f on f.account_id = k.account_id and f.claim_id = k.claim_id
  left join later l on l.account_id = k.account_id and l.claim_id = k.claim_id
  left join changed n on n.account_id = k.account_id and n.claim_id = k.claim_id
where k.open_principal_cents + k.open_costs_cents + k.open_interest_cents - coalesce(l.cents, 0) <> 0
$$;

-- What was claimed and what became of it, as it stands now: claimed_cents is the sum of the others but held_cents, which is a part of what is
-- still owed. What an agency has goes before what is disputed, and both are no more than what is still owed.
create function claim_parts()
returns table (risk_carrier_id int, reason_id int, account_id bigint, claim_id bigint, claimed_cents bigint, paid_cents bigint,
  offset_cents bigint, withdrawn_cents bigint, written_off_cents bigint, disputed_cents bigint, agency_cents bigint, open_cents bigint,
  held_cents bigint) language sql stable as $$
with moved as (
  select p.account_id, p.claim_id,
    sum(case when p.kind in (7, 8, 9, 10, 20, 21, 23) then p.cents else 0 end)::bigint as claimed,
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
