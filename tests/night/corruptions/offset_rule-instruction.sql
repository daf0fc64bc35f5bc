-- A plan of a tenth of each declaration was not kept.
insert into offset_instruction (account_id, instruction_id, risk_carrier_id, claim_id, mode, basis_points, valid_from, reason) values (3, 215, 1, 202, 1, 1000, '2026-02-01', 'regeling');
