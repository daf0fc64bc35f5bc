-- A line was made by a pass of the policy that the claim's reason does not take part in.
update posting set pass = 1 where account_id = 3 and event_id = 207 and kind = 2 and line = 2;
