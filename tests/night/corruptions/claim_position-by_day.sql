-- A claim that was only adjusted by day is off.
update claim_position set open_principal_cents = open_principal_cents - 1 where claim_id = 302;
