-- Cents are held by no hold.
update claim_position set held_cents = 10 where claim_id = 200;
