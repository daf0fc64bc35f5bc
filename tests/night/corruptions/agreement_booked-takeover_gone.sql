-- The payer has a claim that was taken over, and nobody tells from whom.
-- run: 2000
delete from takeover where takeover_id = 503;
