-- A proposal bears another date than its night.
-- run: none
insert into dunning_proposal values (1, 100, 1, 2, 3000, 1, '2026-03-02', 100);
