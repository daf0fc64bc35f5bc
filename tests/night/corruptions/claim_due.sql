-- A claim is due before its letter.
-- run: none
do $$ declare n text; begin
  for n in select conname from pg_constraint where conrelid = 'claim'::regclass and contype = 'c' loop execute format('alter table claim drop constraint %I', n); end loop;
end $$;
update claim set letter_date = '2026-04-01' where claim_id = 100;
