-- A settlement without its payout.
update posting set payout_id = null where account_id = 4 and event_id = 255;
