-- A claim was taken over under an agreement with another debtor.
-- run: 2000
update takeover set agreement_id = 481 where takeover_id = 502;
