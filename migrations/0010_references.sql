-- 0010 References with check digits, for statements that make many at once, and what a line of a correction was and becomes.
-- app/core/ids.py holds the same rules for single ones; a test keeps the two equal.

-- ISO 7064 mod 11,10 over a string of digits: finds every single wrong digit and nearly every swap.
create function check_digit_11_10(digits text) returns text language plpgsql immutable strict parallel safe as $$
declare check_value int := 5; i int;
begin
  for i in 1..length(digits) loop
    check_value := ((case check_value when 0 then 10 else check_value end * 2) % 11 + substr(digits, i, 1)::int) % 10;
  end loop;
  return ((11 - (case check_value when 0 then 10 else check_value end * 2) % 11) % 10)::text;
end $$;

-- PREFIX-year-number-check; the number has at least 8 digits and grows when that is not enough.
create function human_reference(prefix text, id bigint, year int) returns text language sql immutable strict parallel safe as $$
  select prefix || '-' || year || '-' || n || '-' || check_digit_11_10(year || n) from (select lpad(id::text, greatest(8, length(id::text)), '0') as n) x
$$;

-- Betalingskenmerk of 16 digits: check digit + 15 digits; weights 2,4,8,5,10,9,7,3,6,1 from the right (specification of the Betaalvereniging).
create function payment_reference_digits(sequence_number bigint) returns text language sql immutable strict parallel safe as $$
  select case 11 - a % 11 when 10 then 1 when 11 then 0 else 11 - a % 11 end::text || n
  from (select n, (select sum(substr(n, 16 - i, 1)::int * (array[2,4,8,5,10,9,7,3,6,1])[(i - 1) % 10 + 1]) from generate_series(1, 15) i) as a
        from (select lpad(sequence_number::text, 15, '0') as n) x) y
$$;

-- A correction specification shows per line what was awarded and what it becomes; cents stays the difference.
alter table claim_line add column was_cents bigint, add column becomes_cents bigint,
  add constraint correction_line_adds_up check (was_cents - becomes_cents = cents) not valid;   -- rows from before hold nulls, which pass
