-- A claim's reference has a wrong check digit.
-- run: none
update claim_reference set reference = left(reference, -1) || (right(reference, 1)::int + 1) % 10 where claim_id = 200;
