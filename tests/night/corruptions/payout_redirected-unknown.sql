-- A redirection of a payout that does not exist.
update payout_redirection set payout_id = 9;
