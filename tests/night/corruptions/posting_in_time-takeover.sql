-- A debtor is relieved before its claim was taken over.
-- run: none
update takeover set taken_on = '2026-03-03' where takeover_id = 503;
