-- A change of the due date starts from a date that never was.
update claim_due_date set old_due_date = '2026-02-01' where change_id = 254;
