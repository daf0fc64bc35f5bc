-- Costs were paid before they were charged.
-- run: none
update posting set event_id = 106 where event_id = 104 and kind = 21;
