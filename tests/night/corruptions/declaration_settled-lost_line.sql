-- An offset line is gone.
delete from posting where account_id = 3 and event_id = 207 and kind = 2 and line = 3;
