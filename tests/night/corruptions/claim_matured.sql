-- A credit matured under a reason that the policy does not name.
-- run: none
insert into claim_maturity values (3, 202, 1, '2026-03-03', 1, 5, '2026-03-03', '2026-04-02');
