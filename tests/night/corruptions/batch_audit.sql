-- The audit row of a batch is gone.
delete from audit where subject = 'run:3000' and body @> '{"batch": 3}';
