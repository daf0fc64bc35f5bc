-- A declaration is lost from the queue.
-- run: none
delete from payable where account_id = 3 and entry_id = 208;
