-- One reference leads to two claims.
-- run: none
alter table claim_reference drop constraint claim_reference_pkey;
insert into claim_reference values (human_reference('VOR', 100, 2026), 1, 3, 200);
