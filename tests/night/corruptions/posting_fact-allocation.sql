-- Money on account is booked on a claim that nobody decided on.
delete from allocation where allocation_id = 2521;
