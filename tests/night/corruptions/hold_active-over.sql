-- A hold outlives its last day.
update hold set until_date = '2026-03-02' where hold_id = 211;
