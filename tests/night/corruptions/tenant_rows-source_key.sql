-- A source id of one risk carrier leads to a running account of another.
-- run: none
insert into source_key values (2, 3, 'x', '100', 1, 100, md5('')::uuid);
