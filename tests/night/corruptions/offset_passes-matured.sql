-- A credit was offset by a pass that its reason did not have then; it matured in that night, to a reason that has it.
update reason_policy set passes = '{1}' where policy_version_id = 1 and reason_id = 1;
update claim_position set reason_id = 7, due_date = '2026-04-02' where account_id = 3 and claim_id = 202;
insert into claim_maturity values (3, 202, 1, '2026-03-03', 1, 7, '2026-02-20', '2026-04-02');
