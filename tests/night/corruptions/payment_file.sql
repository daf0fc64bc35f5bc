-- The control sum of a payment file is wrong.
-- run: 2000
update payment_file set control_sum_cents = control_sum_cents + 1;
