-- A reason that is never offset was offset.
update reason_policy set offset_start = 0 where policy_version_id = 1 and reason_id = 4;
