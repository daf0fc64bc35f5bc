-- Held cents were set free without a fact.
update claim_position set held_cents = 0 where claim_id = 202;
