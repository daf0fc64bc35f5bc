-- A payout says more of what came back than was given to it; its net is right.
update payout set returned_cents = returned_cents + 1, declared_cents = declared_cents - 1 where payout_id = 3003;
