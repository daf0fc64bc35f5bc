-- 0036 The lines of a claim add up to it (CR-3), whoever inserts them.

-- After each statement, once for all claims that it gave lines: a claim gets all its lines in one statement, after its own row.
-- Lines and original amounts are never changed (no role may), so what holds at insertion holds for good.
create function claim_lines_add_up() returns trigger language plpgsql as $$
declare wrong text;
begin
  select format('claim %s of %s cents has lines of %s cents', n.claim_id, coalesce(c.original_cents::text, 'no'), l.cents) into wrong
  from (select distinct account_id, claim_id from added) n
    cross join lateral (select sum(x.cents) as cents, min(x.risk_carrier_id) as least_carrier, max(x.risk_carrier_id) as greatest_carrier
      from claim_line x where x.account_id = n.account_id and x.claim_id = n.claim_id) l
    left join claim c on c.account_id = n.account_id and c.claim_id = n.claim_id
  where l.cents is distinct from c.original_cents or l.least_carrier <> c.risk_carrier_id or l.greatest_carrier <> c.risk_carrier_id
  limit 1;
  if wrong is not null then
    raise exception '%', wrong using errcode = 'check_violation', constraint = 'claim_lines_add_up', table = 'claim_line';
  end if;
  return null;
end $$;
create trigger claim_lines_add_up after insert on claim_line referencing new table as added for each statement execute function claim_lines_add_up();
