-- The claim that was offset lies on another running account now; its position and its postings stay.
update claim set account_id = 4 where claim_id = 200;
