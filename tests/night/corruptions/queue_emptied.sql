-- What was available for the night was left in the queue.
update payable set available_on = '2026-03-03' where account_id = 3 and entry_id = 208;
