-- The bank confirmed another amount than was instructed.
update payout_confirmation set cents = cents - 1;
