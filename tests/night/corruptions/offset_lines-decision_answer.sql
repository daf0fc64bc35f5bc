-- The answer says left out, and money was taken.
update decision set answer = 41 where claim_id = 200 and valid_from = '2026-03-03';
