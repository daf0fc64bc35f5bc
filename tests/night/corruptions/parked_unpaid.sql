-- A parked running account was paid.
insert into run_parked values (3000, 4, 1, 'failed', 'x', 1, 5000);
