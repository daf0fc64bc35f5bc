-- The payout of a declaration lies before the day on which it may be paid.
-- run: 2000
update payout set business_date = business_date - 1 where run_id = 2000;
