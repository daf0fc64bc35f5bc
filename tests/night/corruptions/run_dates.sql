-- A business date was skipped.
-- run: none
update run set business_date = '2026-02-27' where run_id = 2000;
