-- The payer got the claim, and its debtor of the other risk carrier owes it still: the debt is doubled.
-- run: 2000
delete from posting where account_id = 8 and event_id = 505 and kind = 41;
