-- An AGB code names a practice of another provider.
-- run: none
update agb_registration set practice_id = 1 where agb_id = 2;
