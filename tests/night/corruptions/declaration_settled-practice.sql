-- The practice's declaration is paid on the entity's IBAN.
-- run: 2000
update declaration set agb_id = 1 where declaration_id = 112;
