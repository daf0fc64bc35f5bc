-- What came back to the debtor was not given back by its payer.
delete from posting where account_id = 9 and event_id = 3010 and kind = 42;
