-- A newer policy was in force when the night was planned.
insert into policy_version (policy_version_id, risk_carrier_id, version, valid_from, name, toml, sha256, applied_at, applied_by, passes, claim_order) overriding system value
values (3, 1, 2, '2026-03-01', 'x', '', '', '2026-03-01', 'x', '{3}', 'priority');
