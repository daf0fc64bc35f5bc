-- A claim was offset within the term of its reminder.
-- run: 2000
update claim_step set term_end = '2026-03-02' where step_id = 102;
