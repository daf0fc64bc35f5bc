-- The bank was told another amount.
-- run: 2000
update payment_instruction set cents = cents + 1 where payout_id = 2001;
