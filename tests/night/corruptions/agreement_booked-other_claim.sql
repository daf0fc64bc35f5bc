-- The debtor was relieved of another claim than the one that was taken over.
-- run: 2000
update posting set claim_id = 490 where account_id = 10 and event_id = 503 and kind = 41;
