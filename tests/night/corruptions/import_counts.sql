-- A file says that it added more than what names it.
-- run: none
insert into import_file values (9001, 1, 'claims', 'x', 'x', '\x01', null, 2, null, 2, 0, 0, '2026-03-03', 'x');
update claim set import_id = 9001 where claim_id = 100;
