-- A declaration was offset and never settled.
delete from posting where account_id = 3 and event_id = 207 and kind = 1;
