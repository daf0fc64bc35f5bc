-- The payer gave back what did not reach the debtor: a debt is lost.
delete from posting where account_id = 10 and event_id = 3010 and kind = 43;
