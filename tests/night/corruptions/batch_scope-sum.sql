-- In scope is not offset and left out together.
do $$ declare n text; begin
  for n in select conname from pg_constraint where conrelid = 'run_batch'::regclass and contype = 'c' loop execute format('alter table run_batch drop constraint %I', n); end loop;
end $$;
update run_batch set left_out_claims = 0 where run_id = 3000 and batch_no = 3;
