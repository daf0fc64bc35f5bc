-- A debtor's claim is open again, and nothing came back.
delete from takeover_return where return_id = 3010;
