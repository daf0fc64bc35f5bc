-- A claim was taken over into another running account than the one that agreed to pay.
-- run: 2000
update takeover set payer_account_id = 6 where takeover_id = 502;
