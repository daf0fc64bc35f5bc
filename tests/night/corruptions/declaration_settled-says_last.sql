-- A payout says that it ends with another entry.
update payout set last_entry_id = last_entry_id + 1 where payout_id = 3003;
