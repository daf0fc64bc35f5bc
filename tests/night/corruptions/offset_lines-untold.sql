-- The first offset line of a claim does not say what stays open after it.
-- run: 2000
update posting set open_after_cents = null where account_id = 1 and event_id = 110 and kind = 2 and line = 1;
