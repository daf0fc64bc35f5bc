-- An AGB code has two owners on one day.
-- run: none
do $$ declare n text; begin
  for n in select conname from pg_constraint where conrelid = 'agb_registration'::regclass and contype = 'x' loop execute format('alter table agb_registration drop constraint %I', n); end loop;
end $$;
update agb_registration set agb = '00000001' where agb_id = 2;
