-- An offset line was made by a pass that the policy does not have.
update posting set pass = 2 where account_id = 3 and event_id = 207 and kind = 2 and line = 3;
