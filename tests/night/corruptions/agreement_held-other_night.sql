-- A claim was taken over in a night of the other risk carrier than the agreement's.
-- run: 3500
update takeover set run_id = 3500 where takeover_id = 505;
