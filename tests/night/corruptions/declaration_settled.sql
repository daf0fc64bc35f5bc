-- A declaration is settled for more than was awarded.
update posting set cents = cents + 1 where account_id = 4 and event_id = 255 and kind = 1;
