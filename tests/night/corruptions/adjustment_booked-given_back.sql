-- More is given back of what was taken over than its payer's claim is lowered.
update posting set cents = cents + 1 where event_id = 3010 and kind = 42;
