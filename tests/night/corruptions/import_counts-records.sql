-- Of a file one record was neither added, known nor changed.
-- run: none
insert into import_file values (9001, 1, 'declarations', 'x', 'x', '\x01', null, 2, null, 1, 0, 0, '2026-03-03', 'x');
update declaration set import_id = 9001 where declaration_id = 110;
