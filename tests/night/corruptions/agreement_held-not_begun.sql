-- An agreement began after the night that took over under it.
-- run: 2000
update offset_agreement set valid_from = '2026-03-03' where agreement_id = 481;
