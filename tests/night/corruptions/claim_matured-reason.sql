-- A claim matured from a reason that it never had.
-- run: none
update claim_maturity set from_reason_id = 2;
