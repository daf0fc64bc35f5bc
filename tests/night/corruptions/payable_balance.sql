-- Money given back is booked and queued for another amount.
update payable set cents = cents - 1 where entry_id = 3600;
