-- A payout says that it begins with another entry.
update payout set first_entry_id = first_entry_id - 1 where payout_id = 3003;
