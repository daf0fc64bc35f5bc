-- A claim took more than its half of a declaration.
update reason_policy set offset_basis_points = 4999 where policy_version_id = 1 and reason_id = 4;
