-- Offset was switched off for the claim.
insert into offset_instruction (account_id, instruction_id, risk_carrier_id, claim_id, mode, valid_from, reason) values (3, 215, 1, 200, 0, '2026-02-01', 'uit');
