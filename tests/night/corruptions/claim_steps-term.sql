-- The position shows an earlier end of the reminder's term than the letter.
update claim_position set reminder_term_ends = '{2026-02-10}' where claim_id = 100;
