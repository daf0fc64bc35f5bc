-- An offset line names a claim of another provider.
update posting set claim_id = 252 where account_id = 3 and event_id = 207 and line = 1 and kind = 2;
