-- A payout says that it declares a cent more and returns one less: its net is right.
update payout set declared_cents = declared_cents + 1, returned_cents = returned_cents - 1 where payout_id = 3001;
