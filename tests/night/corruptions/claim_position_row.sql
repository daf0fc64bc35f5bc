-- The position shows another due date than the claim and its changes.
update claim_position set due_date = '2026-01-01' where claim_id = 252;
