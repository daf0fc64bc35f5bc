-- 0036 The lines of a claim add up to it (CR-3), whoever inserts them.

-- Once after each statement, over the lines that it added: a claim gets all its lines in one statement, after its own row. Line 1 must
-- be among them, and its key is taken once: so no second statement can add to them, and nothing has to be looked up in claim_line.
-- Lines and original amounts are never changed (no role may), so what holds at insertion holds for good.
create function claim_lines_add_up() returns trigger language plpgsql as $$
declare wrong text;
begin
  select format('claim %s of %s cents gets lines from %s on, of %s cents', n.claim_id, coalesce(c.original_cents::text, 'no'), n.first_line, n.cents) into wrong
  from (select account_id, claim_id, sum_cents(cents) as cents, min(line_no) as first_line, min(risk_carrier_id) as least_carrier, max(risk_carrier_id) as greatest_carrier
        from added group by account_id, claim_id) n
    left join claim c on c.account_id = n.account_id and c.claim_id = n.claim_id
  where n.cents is distinct from c.original_cents or n.first_line <> 1 or n.least_carrier <> c.risk_carrier_id or n.greatest_carrier <> c.risk_carrier_id
  limit 1;
  if wrong is not null then
    raise exception '%', wrong using errcode = 'check_violation', constraint = 'claim_lines_add_up', table = 'claim_line';
  end if;
  return null;
end $$;
create trigger claim_lines_add_up after insert on claim_line referencing new table as added for each statement execute function claim_lines_add_up();
