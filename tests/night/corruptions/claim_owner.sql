-- A claim of another provider's AGB code.
update claim set agb_id = 4, registered_on = '2026-03-03' where claim_id = 2508;
