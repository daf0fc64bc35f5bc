-- A claim was offset before it was due.
update reason_policy set offset_start = 2 where policy_version_id = 1 and reason_id = 4;
