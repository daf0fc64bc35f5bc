-- Costs moved from a claim without posting.
update claim_position set open_costs_cents = 1 where claim_id = 100;
