-- A declaration of another provider's AGB code is settled here.
update declaration set agb_id = 5 where declaration_id = 255;
