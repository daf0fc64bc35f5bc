-- A night ran before the one before it was released.
update run set state = 'stopped', released_at = null where run_id = 2000;
