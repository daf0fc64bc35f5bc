-- A second reminder was proposed within the term of the first.
-- run: none
insert into dunning_proposal values (1, 100, 1, 2, 3000, 1, '2026-02-10', 100);
