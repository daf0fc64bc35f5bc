-- A night ran under the policy of another risk carrier.
update run set policy_version_id = 2 where run_id = 3000;
