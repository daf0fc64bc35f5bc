-- A source id leads to a hold of another running account.
-- run: none
insert into source_key values (1, 7, 'x', 'x', 1, 210, md5('')::uuid);
