-- A declaration gives more than its share of 80 %.
-- run: 2000
update policy_version set cap_basis_points = 7999 where policy_version_id = 1;
