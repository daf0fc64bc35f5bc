-- A declaration withdrawn before settlement was settled all the same.
update declaration_withdrawal set settled = false where withdrawal_id = 2510;
