-- A claim was offset without a decision.
delete from decision where claim_id = 200 and valid_from = '2026-03-03';
