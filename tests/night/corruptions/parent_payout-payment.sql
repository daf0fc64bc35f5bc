-- Money on account is given from a payment that nobody made.
-- run: none
update allocation set payment_id = 9999 where allocation_id = 2522;
