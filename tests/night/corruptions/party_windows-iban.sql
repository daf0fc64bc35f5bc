-- A provider has two IBANs on one day.
-- run: none
do $$ declare n text; begin
  for n in select conname from pg_constraint where conrelid = 'payee_iban'::regclass and contype = 'x' loop execute format('alter table payee_iban drop constraint %I', n); end loop;
end $$;
update payee_iban set provider_id = 1 where iban_id = 2;
