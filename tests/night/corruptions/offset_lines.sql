-- An offset line says that more stays open than does.
update posting set open_after_cents = open_after_cents + 1 where account_id = 3 and event_id = 207 and kind = 2 and line = 2;
