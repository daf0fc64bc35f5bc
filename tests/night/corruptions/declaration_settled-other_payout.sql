-- An offset line is booked in another payout than the settlement of its declaration.
-- run: 2000
update posting set payout_id = 2002 where account_id = 1 and event_id = 111 and kind = 2;
