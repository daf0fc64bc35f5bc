-- A claim that was taken over is booked as care costs given back.
-- run: 2000
alter table posting drop constraint posting_kind_fits;
update posting set kind = 7 where kind = 40 and claim_id = 503;
