-- A payout says that it declares and offsets a cent more than was booked: its net is right.
update payout set declared_cents = declared_cents + 1, offset_cents = offset_cents + 1 where payout_id = 3003;
