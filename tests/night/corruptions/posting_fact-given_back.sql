-- What was given back lowered the payer's claim without an adjustment.
delete from adjustment where adjustment_id = 3010;
