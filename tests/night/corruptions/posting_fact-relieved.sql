-- A debtor is relieved of what nobody took over.
-- run: 2000
delete from takeover where takeover_id = 503;
