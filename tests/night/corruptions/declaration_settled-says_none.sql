-- A payout says that there is a declaration less in it, and the number of its entries goes with that.
update payout set declarations = declarations - 1, entries = entries - 1 where payout_id = 3003;
