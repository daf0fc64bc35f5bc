-- A hold without audit row.
-- run: none
delete from audit where subject = 'hold:210';
