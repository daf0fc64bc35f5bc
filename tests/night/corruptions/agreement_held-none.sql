-- An agreement is gone, what was taken over under it stands.
-- run: 2000
delete from offset_agreement where agreement_id = 481;
