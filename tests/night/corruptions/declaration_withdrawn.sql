-- The paid part of a withdrawn declaration is claimed for less.
update claim set original_cents = original_cents - 1 where claim_id = 2508;
