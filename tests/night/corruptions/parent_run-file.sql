-- A declaration names a file that was never loaded.
-- run: none
update declaration set import_id = 9999 where declaration_id = 110;
