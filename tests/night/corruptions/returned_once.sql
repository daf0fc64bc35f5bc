-- Money that a reversal gave back is forgotten.
delete from payable where account_id = 1 and entry_id = 3600;
