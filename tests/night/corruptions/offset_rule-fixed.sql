-- A claim took more than its fixed amount a night.
update reason_policy set offset_fixed_cents = 1499 where policy_version_id = 1 and reason_id = 5;
