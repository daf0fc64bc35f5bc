-- A payout is redirected after it went to the bank.
insert into payment_instruction values (3, 3003, 2600, 1, 100);
