-- A decision says another amount than was taken.
update decision set offset_cents = offset_cents - 1 where claim_id = 200 and valid_from = '2026-03-03';
