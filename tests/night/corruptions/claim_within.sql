-- More is open on a claim than it ever was.
-- run: none
update claim set original_cents = 100 where claim_id = 200;
