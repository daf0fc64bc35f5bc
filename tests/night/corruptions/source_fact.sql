-- A source id leads to a claim that does not exist.
-- run: none
insert into source_key values (1, 3, 'x', 'x', 1, 9999, md5('')::uuid);
