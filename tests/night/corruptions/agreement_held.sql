-- An agreement had ended on the date of the night that took over under it.
-- run: 2000
update offset_agreement set ended_on = '2026-03-02', end_reason = 'x' where agreement_id = 480;
