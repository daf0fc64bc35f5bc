-- The debtor was relieved, and its payer got no claim in the books.
-- run: 2000
delete from posting where account_id = 9 and event_id = 503 and kind = 40;
