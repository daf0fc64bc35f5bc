-- An offset instruction is about a claim that does not exist.
-- run: none
insert into offset_instruction (account_id, instruction_id, risk_carrier_id, claim_id, mode, valid_from, reason) values (3, 9001, 1, 9999, 0, '2026-04-01', 'x');
