-- An advance lies in a payout of another running account.
-- run: none
update payout_entry set payout_id = 2001 where entry_id = 150;
