-- A free payout of a released night was never sent.
-- run: none
delete from payment_instruction where payout_id = 2005;
