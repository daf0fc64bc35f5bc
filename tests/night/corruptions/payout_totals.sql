-- A payout says one cent more than was booked.
update payout set declared_cents = declared_cents + 1, net_cents = net_cents + 1 where payout_id = 3003;
