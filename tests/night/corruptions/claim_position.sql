-- The stored open principal is off by a cent.
update claim_position set open_principal_cents = open_principal_cents + 1 where claim_id = 200;
