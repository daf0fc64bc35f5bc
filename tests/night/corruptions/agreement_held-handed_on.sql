-- What an agreement took over was taken over once more, from who had taken it over.
-- run: 2000
update claim set kind = 8 where account_id = 10 and claim_id = 490;
