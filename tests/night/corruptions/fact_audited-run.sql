-- A night was released without audit row.
-- run: none
update audit set action = 'night planned' where subject = 'run:2000' and action = 'night released';
