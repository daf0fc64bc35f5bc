-- A claim that was taken over the night before shows it as still open; no night answered for it since.
update claim_position set open_principal_cents = 800 where claim_id = 491;
