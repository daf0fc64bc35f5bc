-- More was taken than what was not held.
update decision set held_cents = 5000 where claim_id = 202 and valid_from = '2026-03-03';
