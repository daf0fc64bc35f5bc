-- A cent that was given to a claim is not booked on it.
update allocation set cents = cents + 1 where allocation_id = 2522;
