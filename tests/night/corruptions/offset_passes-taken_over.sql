-- What an agreement took over is offset before the payer's own claims: by the pass that its reason has.
-- run: 2000
update posting set pass = 3 where account_id = 9 and claim_id = 503 and kind = 2;
