-- A debt is open again before it came back.
-- run: none
update takeover_return set returned_on = '2026-03-04' where return_id = 3010;
