-- A payout says that there is an entry more in it.
update payout set entries = entries + 1 where payout_id = 3003;
