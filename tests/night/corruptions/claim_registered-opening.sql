-- An opening claim was booked into this year's care costs.
update claim set opening = false where claim_id = 170;
-- run: none
