-- The debtor was relieved of less than its payer took over.
-- run: 2000
update posting set cents = cents - 1 where account_id = 10 and event_id = 503 and kind = 41;
