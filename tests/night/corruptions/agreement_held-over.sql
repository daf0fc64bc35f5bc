-- An agreement's last day lies before the night that took over under it.
-- run: 2000
update offset_agreement set valid_until = '2026-03-01' where agreement_id = 480;
