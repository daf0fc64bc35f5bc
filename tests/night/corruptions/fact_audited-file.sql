-- A file was loaded without audit row.
-- run: none
insert into import_file values (9001, 1, 'policy', 'x', 'x', '\x01', null, 0, null, 0, 0, 0, '2026-03-03', 'x');
