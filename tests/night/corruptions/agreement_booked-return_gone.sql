-- The payer's claim is lowered as given back, and nobody got it.
delete from takeover_return where return_id = 3010;
