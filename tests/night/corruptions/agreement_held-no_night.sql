-- A claim was taken over in a night that never was.
-- run: none
update takeover set run_id = 9001 where takeover_id = 502;
