-- A claim was proposed for the agency without its reminder.
-- run: none
insert into dunning_proposal values (3, 200, 2, 1, 3000, 1, '2026-03-03', 100);
